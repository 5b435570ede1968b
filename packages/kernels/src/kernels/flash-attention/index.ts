import { attentionContract, attentionCost, validateAttention } from '../../attention/contract.ts';
import { type AttentionTile, fits, needsHalfStores, tileProgram } from '../../attention/program.ts';
import type { Capabilities } from '../../core/capabilities.ts';
import type { Plan, Problem, Variant } from '../../core/contract.ts';
import { defineKernel, type Kernel } from '../../core/define-kernel.ts';

const tiles: readonly AttentionTile[] = [
  { threadsX: 8, threadsY: 8, rows: 4, columns: 8 },
  { threadsX: 8, threadsY: 8, rows: 4, columns: 4 },
  { threadsX: 8, threadsY: 4, rows: 2, columns: 4 },
];

const tile: Variant = {
  name: 'tile',
  supports: (problem, { features }) =>
    !needsHalfStores(problem) || features.has('shader-f16')
      ? true
      : `rows of ${problem.axes.value_size} f16 elements share words; needs shader-f16, or a value_size that is a multiple of 4`,
  plans: (problem, capabilities) => tilePlans(problem, capabilities),
  program: (problem, plan) => tileProgram(flashAttention, problem, plan),
};

function tilePlans(problem: Problem, { limits }: Capabilities): readonly Plan[] {
  return tiles
    .filter((each) => fits(problem, each, limits))
    .map(({ threadsX, threadsY, rows, columns }) => ({
      variant: 'tile',
      threads_x: threadsX,
      threads_y: threadsY,
      rows,
      columns,
      pack: 1,
      splits: 1,
    }));
}

/**
 * Attention of many queries (prefill, encoders), fused: softmax(scale · q kᵀ + bias) v with f32 softmax state
 * (Dao et al. 2022, arXiv 2205.14135).
 */
export const flashAttention: Kernel<'q' | 'k' | 'v' | 'lengths', 'y' | 'lse'> = /* @__PURE__ */ defineKernel({
  ...attentionContract,
  name: 'flash-attention',
  summary: 'y = softmax(scale · q kᵀ + bias) v, many queries',
  validate: validateAttention('flash-attention'),
  cost: attentionCost,
  variants: [tile],
});
