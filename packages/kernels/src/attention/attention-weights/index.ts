import { attentionContract } from '../contract.ts';
import { validateAttention } from '../validate.ts';
import { everyMode } from '../modes.ts';
import { attentionConstants, attentionPrelude, fragmentWidths } from '../program.ts';
import placeWgsl from '../place.wgsl';
import { without } from '../score-tiles.ts';
import { scoresContract, valueSlots, withoutValues } from '../scores-only.ts';
import { attentionSlots } from '../slots.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import weightsWgsl from './attention-weights.wgsl';

const stages = ['weights', 'raw', 'softcap', 'bias'] as const;

function program(problem: Problem, plan: Plan): Program {
  const { axes, dtypes, options } = problem;
  const settings = withoutValues(problem);
  const [threads, rows] = [Number(plan.threads), Number(plan.rows)];
  const width = fragmentWidths(settings).qk;
  const half = dtypes.scores === 'f16';
  const storeWgsl = half
    ? 'fn store_score(at: u32, value: f32, seen: bool) { scores_store(at, value); }'
    : `fn store_score(at: u32, value: f32, seen: bool) {
  scores_store(at, select(bitcast<u32>(value), 0xff800000u, STAGE == BIAS && !seen));
}`;
  return assemble({
    kernel: attentionWeights,
    problem,
    plan,
    constants: {
      ...attentionConstants(settings),
      STAGE: stages.indexOf(options.stage as (typeof stages)[number]),
      WEIGHTS: 0,
      RAW: 1,
      SOFTCAP_ONLY: 2,
      BIAS: 3,
      THREADS: threads,
      ROWS: rows,
      // A workgroup's block as the file of shared places knows it; here nothing asks for one.
      PACK: 1,
      SPLITS: 1,
      TILE_ROWS: rows,
      TILE_KEYS: threads,
    },
    // As bits: WGSL has no way to write -Infinity down.
    views: { q: { width }, k: { width }, ...(!half && { scores: { dtype: 'u32' } }) },
    wgsl: [weightsWgsl, storeWgsl, placeWgsl, ...attentionPrelude(settings, everyMode)],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: times(times('batch', axes.heads!), ceilDiv('queries', rows)),
      },
    ],
  });
}

/**
 * softmax(scale · q kᵀ + bias), or a stage on the way, written out.
 *
 * What attention makes of its scores, `[batch, heads, queries, keys]` (f32 or f16), for whoever wants to look at them; nothing
 * in the fused kernels needs it. `stage` says which: `raw` (scale · q kᵀ) and `softcap` of every pair, whether seen or
 * not; `bias`, with the slots `score` and `mask`, and -Infinity (in f16 -65504) where a query does not see a key;
 * `weights`, those that the values are multiplied with, 0 where a query does not see a key, and everywhere in a row that
 * sees none. These are modes 0 to 3 of ONNX Attention's `qk_matmul_output_mode` in the order raw, softcap, bias, weights.
 *
 * Inputs, scalars, options and slots are those of flash-attention, but for what has to do with values.
 */
export const attentionWeights: Kernel<'q' | 'k' | 'lengths', 'scores'> = /* @__PURE__ */ defineKernel({
  name: 'attention-weights',
  axes: scoresContract.axes,
  inputs: scoresContract.inputs,
  outputs: { scores: ['batch', 'heads', 'queries', 'keys'] },
  scalars: scoresContract.scalars,
  options: { stage: stages, ...scoresContract.options, offset: attentionContract.options!.offset! },
  slots: /* @__PURE__ */ without(attentionSlots, valueSlots),
  dtypes: scoresContract.dtypes,
  validate: (problem) => validateAttention('attention-weights', everyMode)(withoutValues(problem)),
  variants: [
    {
      name: 'baseline',
      plans: (problem, { software }) =>
        (software ? [8, 32] : [64, 128]).map((threads) => ({
          threads,
          rows: Math.min(4, 2 ** Math.ceil(Math.log2(problem.axes.queries!))),
        })),
      program,
    },
  ],
});
