import { type AttentionInput, contractOf, type AttentionModes } from '../contract.ts';
import { rowSizes } from '../cost.ts';
import { everyMode, plainMode } from '../modes.ts';
import { validateAttention } from '../validate.ts';
import { type PlansOf, subgroupRows, subgroupVariant, tileVariant } from '../plans.ts';
import { fits } from '../program.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Problem } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';

/** Keys per split that pay for a merge. */
const splitKeys = 256;

/** Heads that share keys and values make one block of rows, so that both are read once for all of them. */
function shape(problem: Problem, rows: number): { readonly pack: number; readonly workgroups: number } {
  const { batch, heads } = problem.axes as Readonly<Record<'batch' | 'heads', number>>;
  const pack = packOf(problem);
  const blocks = (heads / pack) * Math.ceil((rowSizes(problem).queries * pack) / rows);
  return { pack, workgroups: batch * blocks };
}

const packOf = ({ axes, options }: Problem): number =>
  options.blocks === 'listed' && options.block_heads === true ? 1 : axes.heads! / axes.kv_heads!;

/** Numbers of splits worth trying: enough workgroups for the device, but no tiny splits; then one, or else several. */
function splitCounts(problem: Problem, workgroups: number, { software }: Capabilities): readonly number[] {
  const most = Math.ceil(rowSizes(problem).keys / splitKeys);
  const best = Math.max(1, Math.min(most, Math.ceil((software ? 4 : 256) / workgroups)));
  return best > 1 ? [best, 1] : [1, Math.max(2, most)];
}

const mostRows = (problem: Problem): number =>
  2 ** Math.ceil(Math.log2(Math.min(8, rowSizes(problem).queries * packOf(problem))));

const tilePlans: PlansOf = (problem, capabilities) => {
  const threadsX = capabilities.software ? 8 : 32;
  const fitting = [8, 4, 2, 1].filter(
    (rows) =>
      rows <= mostRows(problem) &&
      fits(problem, { threadsX, threadsY: 1, rows, columns: 2 }, capabilities.limits),
  );
  return fitting.slice(0, 2).flatMap((rows) => {
    const { pack, workgroups } = shape(problem, rows);
    const plan = { threads_x: threadsX, threads_y: 1, rows, columns: 2, pack };
    return splitCounts(problem, workgroups, capabilities).map((splits) => ({ ...plan, splits }));
  });
};

const subgroupPlans: PlansOf = (problem, capabilities) => {
  const lanes = capabilities.subgroupMaxSize;
  const rows = subgroupRows(problem, lanes, mostRows(problem));
  const { pack, workgroups } = shape(problem, rows);
  const plan = { lanes, rows, columns: 2, pack };
  return splitCounts(problem, workgroups, capabilities).map((splits) => ({ ...plan, splits }));
};

const decodeOf = (modes: AttentionModes): Kernel<AttentionInput, 'y' | 'lse'> =>
  /* @__PURE__ */ defineKernel({
    ...contractOf(modes),
    name: 'decode-attention',
    validate: validateAttention('decode-attention', modes),
    variants: [subgroupVariant(modes, subgroupPlans), tileVariant(modes, tilePlans)],
  });

/**
 * y = softmax(scale · q kᵀ + bias) v, few queries.
 *
 * Attention of few queries over a long cache (decoding): keys are split over workgroups, each serving all query heads
 * that share a key/value head, and the parts are merged by log-sum-exp (flash-decoding, Dao et al. 2023). The number of
 * splits follows from the capacity `keys`; `lengths` are run-time data, and splits past them publish neutral parts.
 */
export const decodeAttention: Kernel<AttentionInput, 'y' | 'lse'> = /* @__PURE__ */ decodeOf(everyMode);

/** The same of rows of one size over all keys, without the text of packed rows and of lists of blocks. */
export const plainDecodeAttention: Kernel<AttentionInput, 'y' | 'lse'> = /* @__PURE__ */ decodeOf(plainMode);
