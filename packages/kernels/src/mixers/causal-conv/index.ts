import { assemble, type AssembleInput } from '../../contract/assemble.ts';
import type { Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import logisticWgsl from '../../numbers/logistic.wgsl';
import powerWgsl from '../../numbers/power.wgsl';
import {
  checkPacked,
  sequenceAxes,
  sequenceAxesWhen,
  sequencesWgsl,
  startsBinding,
  startsTensor,
  stateAxes,
  stateCount,
} from '../sequences/index.ts';
import { afterInOut, afterWhen, beforeWhen, stateBefore, stateChoices, writesState } from '../states.ts';
import causalConvWgsl from './causal-conv.wgsl';
import placesWgsl from './places.wgsl';
import walkWgsl from './walk.wgsl';

/** What a form adds; `bound` are the tensors that there are, but for the state before. */
interface Form {
  readonly constants?: AssembleInput['constants'];
  readonly wgsl: string;
  readonly dispatches: (bound: readonly string[], before: readonly string[]) => AssembleInput['dispatches'];
}

function program(problem: Problem, plan: Plan, form: Form): Program {
  const { channels, taps } = problem.axes as Record<'channels' | 'taps', number>;
  const { states, bias, silu, order } = problem.options;
  const before = stateBefore(states, 'initial', 'last');
  const keeps = writesState(states);
  return assemble({
    kernel: causalConv,
    problem,
    plan,
    constants: {
      CHANNELS: channels,
      TAPS: taps,
      CHANNELS_LAST: order === 'channels last',
      ...form.constants,
    },
    // `final` is a word of WGSL's.
    views: { final: { identifier: 'last' } },
    wgsl: [
      powerWgsl,
      logisticWgsl,
      sequencesWgsl(problem),
      placesWgsl,
      form.wgsl,
      `fn bias_of(channel: u32) -> f32 { return ${bias ? 'bias_load(channel)' : '0.0'}; }
fn activated(x: f32) -> f32 { return ${silu ? 'x * sigmoid(x)' : 'x'}; }
fn state_before(i: u32) -> f32 { return ${before ? `${before}_load(i)` : '0.0'}; }
fn keep_state(i: u32, value: f32) { ${keeps ? 'last_store(i, value);' : ''} }`,
    ],
    dispatches: form.dispatches(
      ['x', 'weight', ...(bias ? ['bias'] : []), 'y', ...(keeps ? ['final'] : []), ...startsBinding(problem)],
      [stateBefore(states, 'initial', 'final') ?? []].flat(),
    ),
  });
}

/** All tokens at once, and after them the state. */
const parallel: Variant = {
  name: 'baseline',
  rank: () => 1,
  program: (problem, plan) => {
    const { channels } = problem.axes as Record<'channels', number>;
    return program(problem, plan, {
      wgsl: causalConvWgsl,
      dispatches: (bound, before) => [
        {
          entryPoint: 'convolve',
          workgroups: ceilDiv(times(times('batch', 'tokens'), channels), 64),
          bindings: [...bound.filter((name) => name !== 'final'), ...before],
        },
        ...(bound.includes('final')
          ? [
              {
                entryPoint: 'keep',
                workgroups: ceilDiv(times(stateCount(problem), channels), 64),
                bindings: [...new Set(['x', ...before, 'final', ...startsBinding(problem)])],
              },
            ]
          : []),
      ],
    });
  },
};

/** Up to this many tokens a second dispatch costs more than to go through them one by one. */
const fewTokens = 8;

const walk: Variant = {
  name: 'walk',
  rank: ({ axes, options }) => (axes.tokens! <= fewTokens && writesState(options.states) ? 0 : 2),
  program: (problem, plan) =>
    program(problem, plan, {
      constants: { MANY: 0x3fff_ffff },
      wgsl: walkWgsl,
      dispatches: (bound, before) => [
        {
          entryPoint: 'walk',
          workgroups: ceilDiv(times(stateCount(problem), problem.axes.channels!), 64),
          bindings: [...new Set([...bound, ...before])],
        },
      ],
    }),
};

/**
 * A short causal convolution of every channel with a state (ONNX `CausalConvWithState`, opset 27): `y_t = bias + Σ_j weight_j x_{t − taps + 1 +
 * j}`, through silu where that is set.
 *
 * `x` and `y` are `[batch, channels, tokens]`, or by the option `order` `[batch, tokens, channels]`; `weight` `[channels, taps]`, `bias`
 * `[channels]`, states `[batch, channels, taps − 1]`: the last inputs, the newest last; each f32 or f16. The option `states` says which
 * states are bound, as of gated-scan; with `packed` sequences lie in one batch row, as there. A filter has at least two taps: one is a product with a row.
 */
export const causalConv: Kernel<'x' | 'weight' | 'bias' | 'starts' | 'initial', 'y' | 'final'> =
  /* @__PURE__ */ defineKernel({
    name: 'causal-conv',
    axes: {
      batch: 'dynamic',
      tokens: 'dynamic',
      channels: 'static',
      taps: 'static',
      past: 'static',
      ...sequenceAxes,
    },
    axesWhen: sequenceAxesWhen,
    inputs: {
      x: {
        shape: ['batch', 'channels', 'tokens'],
        shapeWhen: ['order', 'channels last', ['batch', 'tokens', 'channels']],
        order: 'rows',
      },
      weight: ['channels', 'taps'],
      bias: { shape: ['channels'], when: ['bias', true] },
      starts: startsTensor,
      initial: {
        shape: ['batch', 'channels', 'past'],
        axesAs: stateAxes,
        when: beforeWhen,
      },
    },
    outputs: {
      y: {
        shape: ['batch', 'channels', 'tokens'],
        shapeWhen: ['order', 'channels last', ['batch', 'tokens', 'channels']],
      },
      final: {
        shape: ['batch', 'channels', 'past'],
        axesAs: stateAxes,
        when: afterWhen,
        inOut: afterInOut,
      },
    },
    options: {
      order: ['channels first', 'channels last'],
      bias: [false, true],
      silu: [false, true],
      states: stateChoices,
      packed: [false, true],
    },
    dtypes: ['f32', 'f16'],
    validate: (problem) => {
      const { taps, past } = problem.axes;
      checkPacked('causal-conv', problem);
      if (taps! < 2 || past !== taps! - 1)
        throw new TilewrightError('bad-shape', {
          subject: 'causal-conv',
          problem: `past is ${past} with ${taps} taps`,
          requirement: 'there are two taps or more, and the past is one less',
          fix: 'make the state of taps - 1 elements',
        });
    },
    variants: [parallel, walk],
  });
