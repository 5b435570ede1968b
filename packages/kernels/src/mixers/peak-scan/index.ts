import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import logisticWgsl from '../../numbers/logistic.wgsl';
import powerWgsl from '../../numbers/power.wgsl';
import peakCarryWgsl from '../scan/peak.carry.wgsl';
import peakWgsl from '../scan/peak.wgsl';
import { type ScanParts, scanVariants } from '../scan/variants.ts';
import { checkPacked, sequenceAxes, sequenceAxesWhen, startsTensor, stateAxes } from '../sequences/index.ts';
import { afterInOut, afterWhen, beforeWhen, stateBefore, stateChoices, writesState } from '../states.ts';
import peakScanWgsl from './peak-scan.wgsl';

const logSigmoid = {
  1: '-soft_plus(-x)',
  4: '-Value(soft_plus(-x.x), soft_plus(-x.y), soft_plus(-x.z), soft_plus(-x.w))',
};

function program(problem: Problem, plan: Plan, parts: ScanParts): Program {
  const { states, reverse } = problem.options;
  const before = stateBefore(states, 'initial', 'last');
  const start = before ? `${before}_load(batch * UNITS + unit)` : 'Value(0.0)';
  const store = writesState(states) ? 'last_store(batch * UNITS + unit, whole.floor);' : '';
  return assemble({
    problem,
    plan,
    ...parts,
    constants: { ...parts.constants, REVERSE: reverse === true },
    // `final` is a word of WGSL's.
    views: { final: { width: parts.width, identifier: 'last' }, starts: { width: 1 } },
    width: parts.width,
    wgsl: [
      powerWgsl,
      logisticWgsl,
      largerWgsl(parts.width),
      ...parts.wgsl,
      peakScanWgsl,
      `fn log_sigmoid(x: Value) -> Value { return ${logSigmoid[parts.width]}; }
fn scan_start(batch: u32, unit: u32) -> Element { return Element(Value(0.0), ${start}); }
fn scan_finish(batch: u32, unit: u32, whole: Element) { ${store} }`,
    ],
  });
}

/**
 * What exponential gates are relative to: `m_t = max(logsigmoid(forget_t) + m_{t−1}, input_t)` of every channel (mLSTM; Beck et al. 2024, arXiv
 * 2405.04517). `before` is the one before each token, so that the next step needs nothing else.
 *
 * `forget`, `input` and `before` are `[batch, tokens, channels]`, `initial` and `final` `[batch, channels]`; each f32 or f16. The options are those of
 * gated-scan; without an initial state m begins at 0.
 */
export const peakScan: Kernel<'forget' | 'input' | 'initial' | 'starts', 'before' | 'final'> =
  /* @__PURE__ */ defineKernel({
    name: 'peak-scan',
    axes: {
      batch: 'dynamic',
      tokens: 'dynamic',
      channels: 'static',
      ...sequenceAxes,
    },
    axesWhen: sequenceAxesWhen,
    inputs: {
      forget: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
      input: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
      initial: {
        shape: ['batch', 'channels'],
        axesAs: stateAxes,
        when: beforeWhen,
      },
      starts: startsTensor,
    },
    outputs: {
      before: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
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
    validate: (problem) => checkPacked('peak-scan', problem),
    variants: /* @__PURE__ */ scanVariants({
      algebra: { wgsl: peakWgsl, carry: peakCarryWgsl, values: 2 },
      bindings: ({ options }) => ({
        load: ['forget', 'input'],
        start: [stateBefore(options.states, 'initial', 'final') ?? []].flat(),
        emit: ['before'],
        finish: writesState(options.states) ? ['final'] : [],
      }),
      program,
    }),
  });
