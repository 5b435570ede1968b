import { type AttentionInput, contractOf, type AttentionModes } from '../contract.ts';
import { rowSizes } from '../cost.ts';
import { everyMode, plainMode } from '../modes.ts';
import { validateAttention } from '../validate.ts';
import { subgroupRows, subgroupVariant, tileVariant } from '../plans.ts';
import { type AttentionTile, fits } from '../program.ts';
import { narrow } from '../unrolled-tile.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { PlanChoice, Problem, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';

const tiles: readonly AttentionTile[] = [
  { threadsX: 8, threadsY: 8, rows: 4, columns: 4 },
  { threadsX: 16, threadsY: 4, rows: 4, columns: 2 },
  { threadsX: 8, threadsY: 4, rows: 2, columns: 4 },
];

const tilePlans = (problem: Problem, { limits }: Capabilities): readonly PlanChoice[] =>
  tiles
    .filter((each) => fits(problem, each, limits))
    .map(({ threadsX, threadsY, rows, columns }) => ({
      threads_x: threadsX,
      threads_y: threadsY,
      rows,
      columns,
      pack: 1,
      splits: 1,
    }));

function subgroupPlans(problem: Problem, { subgroupMaxSize: lanes }: Capabilities): readonly PlanChoice[] {
  const rows = subgroupRows(problem, lanes, 8);
  const { queries, keys } = rowSizes(problem);
  const plan = { lanes, rows, pack: 1, splits: 1 };
  // What is read weighs as much as what is computed with it, so the tile is as large as its code may be: the largest takes
  // seconds to compile, and is only offered where as much time may be won.
  const rolled = (lanes > narrow && keys >= 64 ? [4, 2, 1] : [2, 1]).map((columns) => ({
    ...plan,
    columns,
  }));
  const large = { ...plan, rows: 2 * rows, columns: 4, unrolled: true };
  return lanes > narrow && queries >= 256 && keys >= 256 ? [...rolled, large] : rolled;
}

function flashOf(modes: AttentionModes): Kernel<AttentionInput, 'y' | 'lse'> {
  const shuffled = subgroupVariant(modes, subgroupPlans);
  /** With many queries, GPUs share a block's weights through workgroup memory at less than the price of the shuffles. */
  const subgroups: Variant = {
    ...shuffled,
    supports: (problem, capabilities, kernel) =>
      capabilities.software
        ? shuffled.supports!(problem, capabilities, kernel)
        : 'shuffles for every query pay on CPUs only',
  };
  return /* @__PURE__ */ defineKernel({
    ...contractOf(modes),
    name: 'flash-attention',
    validate: validateAttention('flash-attention', modes),
    variants: [subgroups, tileVariant(modes, tilePlans)],
  });
}

/**
 * y = softmax(scale · q kᵀ + bias) v, many queries.
 *
 * Attention of many queries (prefill, encoders), fused: softmax(scale · q kᵀ + bias) v with f32 softmax state
 * (Dao et al. 2022, arXiv 2205.14135).
 */
export const flashAttention: Kernel<AttentionInput, 'y' | 'lse'> = /* @__PURE__ */ flashOf(everyMode);

/** The same of rows of one size over all keys, without the text of packed rows and of lists of blocks. */
export const plainFlashAttention: Kernel<AttentionInput, 'y' | 'lse'> = /* @__PURE__ */ flashOf(plainMode);
