import { attentionContract, attentionCost, validateAttention } from '../../attention/contract.ts';
import { subgroupRows, subgroupVariant, tileVariant } from '../../attention/plans.ts';
import { fits } from '../../attention/program.ts';
import type { Capabilities } from '../../core/capabilities.ts';
import type { Plan, Problem } from '../../core/contract.ts';
import { defineKernel, type Kernel } from '../../core/define-kernel.ts';

/** Keys per split that pay for a merge. */
const splitKeys = 256;

/** Heads that share keys and values make one block of rows, so that both are read once for all of them. */
function shape({ axes }: Problem, rows: number): { readonly pack: number; readonly workgroups: number } {
  const { batch, queries, heads, kv_heads } = axes as Readonly<
    Record<'batch' | 'queries' | 'heads' | 'kv_heads', number>
  >;
  const pack = heads / kv_heads;
  return { pack, workgroups: batch * kv_heads * Math.ceil((queries * pack) / rows) };
}

/** Numbers of splits worth trying: enough workgroups for the device, but no tiny splits; then one, or else several. */
function splitCounts(problem: Problem, workgroups: number, { software }: Capabilities): readonly number[] {
  const most = Math.ceil(problem.axes.keys! / splitKeys);
  const best = Math.max(1, Math.min(most, Math.ceil((software ? 4 : 256) / workgroups)));
  return best > 1 ? [best, 1] : [1, Math.max(2, most)];
}

const mostRows = ({ axes }: Problem): number =>
  2 ** Math.ceil(Math.log2(Math.min(8, (axes.queries! * axes.heads!) / axes.kv_heads!)));

const tile = tileVariant(
  () => decodeAttention,
  (problem, capabilities) => {
    const threadsX = capabilities.software ? 8 : 32;
    const fitting = [8, 4, 2, 1].filter(
      (rows) =>
        rows <= mostRows(problem) &&
        fits(problem, { threadsX, threadsY: 1, rows, columns: 2 }, capabilities.limits),
    );
    return fitting.slice(0, 2).flatMap((rows): Plan[] => {
      const { pack, workgroups } = shape(problem, rows);
      const plan = { variant: 'tile', threads_x: threadsX, threads_y: 1, rows, columns: 2, pack };
      return splitCounts(problem, workgroups, capabilities).map((splits) => ({ ...plan, splits }));
    });
  },
);

const subgroups = subgroupVariant(
  () => decodeAttention,
  (problem, capabilities) => {
    const lanes = capabilities.subgroupMaxSize;
    const rows = subgroupRows(problem, lanes, mostRows(problem));
    const { pack, workgroups } = shape(problem, rows);
    const plan = { variant: 'subgroups', lanes, rows, columns: 2, pack };
    return splitCounts(problem, workgroups, capabilities).map((splits) => ({ ...plan, splits }));
  },
);

/**
 * Attention of few queries over a long cache (decoding): keys are split over workgroups, each serving all query heads
 * that share a key/value head, and the parts are merged by log-sum-exp (flash-decoding, Dao et al. 2023). The number of
 * splits follows from the capacity `keys`; `lengths` are run-time data, and splits past them publish neutral parts.
 */
export const decodeAttention: Kernel<'q' | 'k' | 'v' | 'lengths', 'y' | 'lse'> = /* @__PURE__ */ defineKernel(
  {
    ...attentionContract,
    name: 'decode-attention',
    summary: 'y = softmax(scale · q kᵀ + bias) v, few queries, keys split over workgroups',
    validate: validateAttention('decode-attention'),
    cost: attentionCost,
    variants: [subgroups, tile],
  },
);
