import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { type AttentionInput, attentionContract } from '../contract.ts';
import finishWholeWgsl from '../finish-whole.wgsl';
import placeWgsl from '../place.wgsl';
import { everyMode } from '../modes.ts';
import { attentionConstants, attentionPrelude, fragmentWidths } from '../program.ts';
import { validateAttention } from '../validate.ts';
import probeWgsl from './filling-probe.wgsl';

function program(problem: Problem, plan: Plan): Program {
  const { qk, v } = fragmentWidths(problem);
  const rows = times('batch', times(problem.axes.heads!, 'queries'));
  return assemble({
    kernel: fillingProbe,
    problem,
    plan,
    constants: { ...attentionConstants(problem), PACK: 1, SPLITS: 1, PROBE_KEYS: 8, PROBE_QUERIES: 4 },
    views: { q: { width: qk }, k: { width: qk }, v: { width: v }, y: { width: v } },
    wgsl: [probeWgsl, finishWholeWgsl, placeWgsl, ...attentionPrelude(problem, everyMode)],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(rows, 64) }],
  });
}

/**
 * y = softmax(scale · q kᵀ + bias) v, a row at a time, for tests of fillings.
 *
 * A kernel of the contract of attention that compiles in a moment and is slow: fillings are tested in it, in every form and
 * shape, and the real kernels show once for each slot that they call it.
 */
export const fillingProbe: Kernel<AttentionInput, 'y' | 'lse'> = /* @__PURE__ */ defineKernel({
  ...attentionContract,
  name: 'filling-probe',
  validate: validateAttention('filling-probe', everyMode),
  variants: [{ name: 'baseline', program }],
});
