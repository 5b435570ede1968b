import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import affineCarryWgsl from '../scan/affine.carry.wgsl';
import affineWgsl from '../scan/affine.wgsl';
import { type ScanParts, scanVariants } from '../scan/variants.ts';
import { checkPacked, sequenceAxes, sequenceAxesWhen, startsTensor, stateAxes } from '../sequences/index.ts';
import { afterInOut, afterWhen, beforeWhen, stateBefore, stateChoices, writesState } from '../states.ts';
import gatedScanWgsl from './gated-scan.wgsl';

function program(problem: Problem, plan: Plan, parts: ScanParts): Program {
  const { states, reverse } = problem.options;
  const before = stateBefore(states, 'initial', 'last');
  const start = before ? `${before}_load(batch * UNITS + unit)` : 'Value(0.0)';
  const store = writesState(states) ? 'last_store(batch * UNITS + unit, whole.value);' : '';
  return assemble({
    problem,
    plan,
    ...parts,
    constants: { ...parts.constants, REVERSE: reverse === true },
    // `final` is a word of WGSL's.
    views: { final: { width: parts.width, identifier: 'last' }, starts: { width: 1 } },
    wgsl: [
      ...parts.wgsl,
      gatedScanWgsl,
      `fn scan_start(batch: u32, unit: u32) -> Element { return element(Value(0.0), ${start}); }`,
      `fn scan_finish(batch: u32, unit: u32, whole: Element) { ${store} }`,
    ],
  });
}

/**
 * h_t = a_t · h_(t−1) + b_t along tokens, per channel.
 *
 * A first-order recurrence of every channel, `h_t = a_t ⊙ h_{t−1} + b_t`: exponential smoothing, the pooling of QRNN (Bradbury et
 * al. 2016, arXiv 1611.01576), SRU, minGRU and RG-LRU.
 *
 * `a`, `b` and `h` are `[batch, tokens, channels]`, `initial` and `final` `[batch, channels]`; each f32 or f16, states in f32. The option
 * `states` says which states are bound: `initial`, before the first token (else it is zero), `final`, after the last one (after no
 * tokens, the initial one), `both`, or `in place`, where `final` holds the one before and then the one after. With `reverse` time runs
 * from the last token to the first.
 *
 * With `packed` there is one batch row, in which sequences of any length lie one after the other: `starts`, u32, says where each begins and
 * where the last ends, and states lead with how many they are. One without tokens keeps its state.
 *
 * The parallel form multiplies the gates of some hundred tokens, which must stay finite: gates of at most 1 in size do.
 */
export const gatedScan: Kernel<'a' | 'b' | 'initial' | 'starts', 'h' | 'final'> =
  /* @__PURE__ */ defineKernel({
    name: 'gated-scan',
    axes: {
      batch: 'dynamic',
      tokens: 'dynamic',
      channels: 'static',
      ...sequenceAxes,
    },
    axesWhen: sequenceAxesWhen,
    inputs: {
      a: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
      b: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
      initial: {
        shape: ['batch', 'channels'],
        axesAs: stateAxes,
        when: beforeWhen,
      },
      starts: startsTensor,
    },
    outputs: {
      h: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
      final: {
        shape: ['batch', 'channels'],
        axesAs: stateAxes,
        when: afterWhen,
        inOut: afterInOut,
      },
    },
    options: {
      states: stateChoices,
      reverse: [false, true],
      packed: [false, true],
    },
    dtypes: ['f32', 'f16'],
    validate: (problem) => checkPacked('gated-scan', problem),
    variants: /* @__PURE__ */ scanVariants({
      algebra: { wgsl: affineWgsl, carry: affineCarryWgsl, values: 3 },
      bindings: ({ options }) => ({
        load: ['a', 'b'],
        start: [stateBefore(options.states, 'initial', 'final') ?? []].flat(),
        emit: ['h'],
        finish: writesState(options.states) ? ['final'] : [],
      }),
      program,
    }),
  });
