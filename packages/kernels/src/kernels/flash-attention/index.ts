import { attentionContract, type AttentionInput } from '../../attention/contract.ts';
import { attentionCost } from '../../attention/cost.ts';
import { validateAttention } from '../../attention/validate.ts';
import { subgroupRows, subgroupVariant, tileVariant } from '../../attention/plans.ts';
import { type AttentionTile, fits } from '../../attention/program.ts';
import type { Capabilities } from '../../core/capabilities.ts';
import type { Plan, Problem, Variant } from '../../core/contract.ts';
import { defineKernel, type Kernel } from '../../core/define-kernel.ts';

const tiles: readonly AttentionTile[] = [
  { threadsX: 8, threadsY: 8, rows: 4, columns: 4 },
  { threadsX: 16, threadsY: 4, rows: 4, columns: 2 },
  { threadsX: 8, threadsY: 4, rows: 2, columns: 4 },
];

const tile = tileVariant(
  () => flashAttention,
  (problem, { limits }) =>
    tiles
      .filter((each) => fits(problem, each, limits))
      .map(({ threadsX, threadsY, rows, columns }) => ({
        variant: 'tile',
        threads_x: threadsX,
        threads_y: threadsY,
        rows,
        columns,
        pack: 1,
        splits: 1,
      })),
);

const shuffled = subgroupVariant(
  () => flashAttention,
  (problem: Problem, { subgroupMaxSize: lanes }: Capabilities): readonly Plan[] => {
    const rows = subgroupRows(problem, lanes, 8);
    return [2, 1].map((columns) => ({ variant: 'subgroups', lanes, rows, columns, pack: 1, splits: 1 }));
  },
);

/** With many queries, GPUs share a block's weights through workgroup memory at less than the price of the shuffles. */
const subgroups: Variant = {
  ...shuffled,
  supports: (problem, capabilities) =>
    capabilities.software
      ? shuffled.supports!(problem, capabilities)
      : 'shuffles for every query pay on CPUs only',
};

/**
 * Attention of many queries (prefill, encoders), fused: softmax(scale · q kᵀ + bias) v with f32 softmax state
 * (Dao et al. 2022, arXiv 2205.14135).
 */
export const flashAttention: Kernel<AttentionInput, 'y' | 'lse'> = /* @__PURE__ */ defineKernel({
  ...attentionContract,
  name: 'flash-attention',
  summary: 'y = softmax(scale · q kᵀ + bias) v, many queries',
  validate: validateAttention('flash-attention'),
  cost: attentionCost,
  variants: [subgroups, tile],
});
