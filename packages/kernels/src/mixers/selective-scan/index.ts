import { assemble, type AssembleInput } from '../../contract/assemble.ts';
import type { Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import logisticWgsl from '../../numbers/logistic.wgsl';
import powerWgsl from '../../numbers/power.wgsl';
import {
  checkPacked,
  chunkSlots,
  chunkSlotsWgsl,
  sequenceAxes,
  sequenceAxesWhen,
  sequencesWgsl,
  startsBinding,
  startsTensor,
  stateAxes,
  stateCount,
} from '../sequences/index.ts';
import { afterInOut, afterWhen, beforeWhen, stateBefore, stateChoices, writesState } from '../states.ts';
import { withinBindings } from '../within-bindings.ts';
import chunksWgsl from './chunks.wgsl';
import finishWgsl from './finish.wgsl';
import selectiveScanWgsl from './selective-scan.wgsl';
import sizeStepsWgsl from './size-steps.wgsl';
import walkWgsl from './walk.wgsl';

/** Storage bindings that a dispatch has on every device. */
const bindingsAtMost = 8;

type Form = Pick<AssembleInput, 'constants' | 'scratch' | 'wgsl'> & {
  readonly dispatches: (parts: Parts) => AssembleInput['dispatches'];
};

/** Tensors by what a dispatch does with them. */
interface Parts {
  readonly walked: readonly string[];
  readonly read: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function program(problem: Problem, plan: Plan, form: Form): Program {
  const { channels, states: count, groups } = problem.axes as Record<string, number>;
  const { states, softplus, bias, skip, gate, reverse } = problem.options;
  const before = stateBefore(states, 'initial', 'last');
  const parts: Parts = {
    walked: ['x', bias ? 'steps' : 'delta', 'rate', 'b', ...startsBinding(problem)],
    read: ['c', 'y'],
    before: [stateBefore(states, 'initial', 'final') ?? []].flat(),
    after: writesState(states) ? ['final'] : [],
  };
  const behind = [...(skip ? ['skip'] : []), ...(gate ? ['gate'] : [])];
  // A walk binds its states, a chunk what is carried.
  const bound = new Set([...Object.values(parts).flat(), 'carries', ...behind]);
  const isFused = bound.size <= bindingsAtMost;
  const elements = ceilDiv(times(times('batch', 'tokens'), channels!), 64);
  return assemble({
    kernel: selectiveScan,
    problem,
    plan,
    constants: {
      CHANNELS: channels!,
      STATES: count!,
      GROUPS: groups!,
      REVERSE: reverse === true,
      MANY: 0x3fff_ffff,
      ...form.constants,
    },
    // `final` is a word of WGSL's.
    views: { final: { identifier: 'last' } },
    scratch: {
      ...form.scratch,
      ...(bias && { steps: { sizeBytes: times(times('batch', 'tokens'), 4 * channels!) } }),
    },
    wgsl: [
      powerWgsl,
      logisticWgsl,
      sequencesWgsl(problem),
      selectiveScanWgsl,
      ...form.wgsl,
      `fn bias_of(channel: u32) -> f32 { return ${bias ? 'bias_load(channel)' : '0.0'}; }
fn step_of(size: f32) -> f32 { return ${softplus ? 'soft_plus(size)' : 'size'}; }
fn step_at(at: u32) -> f32 { return ${bias ? 'steps_load(at)' : 'step_of(delta_load(at))'}; }
fn state_before(i: u32) -> f32 { return ${before ? `${before}_load(i)` : '0.0'}; }
fn keep_state(i: u32, value: f32) { ${writesState(states) ? 'last_store(i, value);' : ''} }
fn finished(channel: u32, at: u32, x: f32, read: f32) -> f32 {
  var y = read;
  ${skip ? 'y += skip_load(channel) * x;' : ''}
  ${gate ? 'let z = gate_load(at);\n  y *= z * sigmoid(z);' : ''}
  return y;
}
fn emitted(channel: u32, at: u32, x: f32, read: f32) -> f32 { return ${isFused ? 'finished(channel, at, x, read)' : 'read'}; }`,
      ...(bias ? [sizeStepsWgsl] : []),
      ...(isFused ? [] : [finishWgsl]),
    ],
    dispatches: [
      ...(bias
        ? [{ entryPoint: 'size_steps', workgroups: elements, bindings: ['delta', 'bias', 'steps'] }]
        : []),
      ...form.dispatches(isFused ? { ...parts, read: [...parts.read, ...behind] } : parts),
      ...(isFused ? [] : [{ entryPoint: 'finish', workgroups: elements, bindings: ['x', 'y', ...behind] }]),
    ],
  });
}

const chunk = 32;

const variants: readonly Variant[] = [
  {
    name: 'walk',
    rank: () => 1,
    program: (problem, plan) =>
      program(problem, plan, {
        wgsl: [walkWgsl],
        dispatches: ({ walked, read, before, after }) => [
          {
            entryPoint: 'walk',
            workgroups: ceilDiv(times(stateCount(problem), problem.axes.channels!), 64),
            bindings: [...new Set([...walked, ...read, ...before, ...after])],
          },
        ],
      }),
  },
  {
    name: 'chunks',
    // Channels enough for the device, or few tokens, leave nothing to gain from walking everything twice.
    rank: ({ axes }, { software }) =>
      axes.tokens! <= 2 * chunk ||
      (axes.sequences ?? axes.batch!) * axes.channels! >= (software ? 64 : 32_768)
        ? 2
        : 0,
    program: (problem, plan) => {
      const { channels, states } = problem.axes as Record<string, number>;
      const chunks = chunkSlots(problem, chunk);
      const lines = ceilDiv(times(chunks, channels!), 64);
      return program(problem, plan, {
        constants: { CHUNK: chunk },
        scratch: { carries: { sizeBytes: times(chunks, 4 * channels! * (states! + 1)) } },
        wgsl: [chunkSlotsWgsl(problem), chunksWgsl],
        dispatches: ({ walked, read, before, after }) => [
          { entryPoint: 'totals', workgroups: lines, bindings: [...walked, 'carries'] },
          {
            entryPoint: 'carry',
            workgroups: ceilDiv(times(stateCount(problem), channels! * states!), 64),
            bindings: [...new Set(['rate', ...before, ...after, 'carries', ...startsBinding(problem)])],
          },
          { entryPoint: 'emit', workgroups: lines, bindings: [...walked, ...read, 'carries'] },
        ],
      });
    },
  },
];

/**
 * The selective state space of Mamba (Gu and Dao 2023, arXiv 2312.00752): with a step `Δ = delta + bias`, `softplus` of it where that is
 * set, `h_t = exp(Δ_t rate) ⊙ h_{t−1} + Δ_t x_t b_tᵀ`, `y_t = h_t c_t + skip ⊙ x_t`, times silu of `gate`.
 *
 * `x`, `delta`, `gate` and `y` are `[batch, tokens, channels]`, `b` and `c` `[batch, tokens, groups, states]`, shared by groups of
 * neighbouring channels, `rate` `[channels, states]`, `skip` and `bias` `[channels]`, states `[batch, channels, states]`; each f32 or f16,
 * arithmetic in f32. The option `states` says which states are bound, as of gated-scan; `bias`, `skip` and `gate` which of those tensors
 * there are. With `packed` sequences lie in one batch row, as of gated-scan. The states of all tokens are never in memory.
 */
export const selectiveScan: Kernel<
  'x' | 'delta' | 'rate' | 'b' | 'c' | 'skip' | 'gate' | 'bias' | 'starts' | 'initial',
  'y' | 'final'
> = /* @__PURE__ */ defineKernel({
  name: 'selective-scan',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    channels: 'static',
    states: 'static',
    groups: 'static',
    ...sequenceAxes,
  },
  axesWhen: sequenceAxesWhen,
  inputs: {
    x: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
    delta: ['batch', 'tokens', 'channels'],
    rate: ['channels', 'states'],
    b: { shape: ['batch', 'tokens', 'groups', 'states'], order: 'rows' },
    c: { shape: ['batch', 'tokens', 'groups', 'states'], order: 'rows' },
    skip: { shape: ['channels'], when: ['skip', true] },
    gate: { shape: ['batch', 'tokens', 'channels'], when: ['gate', true], order: 'rows' },
    bias: { shape: ['channels'], when: ['bias', true] },
    starts: startsTensor,
    initial: {
      shape: ['batch', 'channels', 'states'],
      axesAs: stateAxes,
      when: beforeWhen,
    },
  },
  outputs: {
    y: ['batch', 'tokens', 'channels'],
    final: {
      shape: ['batch', 'channels', 'states'],
      axesAs: stateAxes,
      when: afterWhen,
      inOut: afterInOut,
    },
  },
  options: {
    softplus: [false, true],
    bias: [false, true],
    skip: [false, true],
    gate: [false, true],
    states: stateChoices,
    reverse: [false, true],
    packed: [false, true],
  },
  dtypes: ['f32', 'f16'],
  validate: (problem) => {
    const { axes } = problem;
    checkPacked('selective-scan', problem);
    if (axes.channels! % axes.groups! === 0) return;
    throw new TilewrightError('bad-shape', {
      subject: 'selective-scan',
      problem: `${axes.channels} channels share ${axes.groups} groups`,
      requirement: 'the first must be a multiple of the second',
      fix: 'give groups that divide the channels',
    });
  },
  variants: /* @__PURE__ */ variants.map(withinBindings),
});
