import { attentionContract, attentionCost, validateAttention } from '../../attention/contract.ts';
import { type AttentionTile, fits, needsHalfStores, tileProgram } from '../../attention/program.ts';
import type { Capabilities } from '../../core/capabilities.ts';
import type { Plan, Problem, Variant } from '../../core/contract.ts';
import { defineKernel, type Kernel } from '../../core/define-kernel.ts';

const tile: Variant = {
  name: 'tile',
  supports: (problem, { features }) =>
    !needsHalfStores(problem) || features.has('shader-f16')
      ? true
      : `rows of ${problem.axes.value_size} f16 elements share words; needs shader-f16, or a value_size that is a multiple of 4`,
  plans: (problem, capabilities) => tilePlans(problem, capabilities),
  program: (problem, plan) => tileProgram(decodeAttention, problem, plan),
};

/** Keys per split that pay for a merge, and how many workgroups fill a GPU. */
const splitKeys = 256;
const wantedWorkgroups = 128;

function tilePlans(problem: Problem, { limits, software }: Capabilities): readonly Plan[] {
  const { batch, queries, keys, heads, kv_heads } = problem.axes as Required<Record<string, number>>;
  const pack = heads! / kv_heads!;
  const wantedRows = Math.min(8, queries! * pack);
  const threadsX = software ? 8 : 32;
  const tiles: AttentionTile[] = [8, 4, 2, 1]
    .filter((rows) => rows < 2 * wantedRows)
    .map((rows) => ({ threadsX, threadsY: 1, rows, columns: 2 }));
  const workgroups = batch! * kv_heads! * Math.ceil((queries! * pack) / wantedRows);
  const most = Math.ceil(keys! / splitKeys);
  const splits = Math.max(1, Math.min(most, Math.ceil((software ? 8 : wantedWorkgroups) / workgroups)));
  const counts = splits > 1 ? [splits, 1] : most > 1 ? [1, most] : [1, 2];
  return tiles
    .filter((each) => fits(problem, each, limits))
    .flatMap(({ rows, columns, threadsY }) =>
      counts.map((count) => ({ variant: 'tile', threads_x: threadsX, threads_y: threadsY, rows, columns, pack, splits: count })),
    );
}

/**
 * Attention of few queries over a long cache (decoding): keys are split over workgroups, each serving all query heads
 * that share a key/value head, and the parts are merged by log-sum-exp (flash-decoding, Dao et al. 2023).
 */
export const decodeAttention: Kernel<'q' | 'k' | 'v' | 'lengths', 'y' | 'lse'> = /* @__PURE__ */ defineKernel({
  ...attentionContract,
  name: 'decode-attention',
  summary: 'y = softmax(scale · q kᵀ + bias) v, few queries, keys split over workgroups',
  validate: validateAttention('decode-attention'),
  cost: attentionCost,
  variants: [tile],
});
