import type { Problem } from '../../contract/contract.ts';
import { storageBytes } from '../../contract/storage-type.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { attentionMerge } from './index.ts';
import { attentionMergeReference } from './reference.ts';

const bytesOf = (problem: Problem, name: string): number => storageBytes(problem.dtypes[name]);

export const check: KernelCheck = {
  kernel: attentionMerge,
  reference: attentionMergeReference,
  cost: (problem) => {
    const { parts, batch, queries, heads, value_size } = problem.axes as Readonly<
      Record<'parts' | 'batch' | 'queries' | 'heads' | 'value_size', number>
    >;
    const rows = batch * queries * heads;
    const bytes =
      rows * (parts * (value_size * bytesOf(problem, 'parts') + 4) + value_size * bytesOf(problem, 'y'));
    return { bytes, flops: rows * parts * 2 * value_size };
  },
  cases: [
    { axes: { parts: 1, batch: 1, queries: 1, heads: 1, value_size: 1 } },
    { axes: { parts: 3, batch: 2, queries: 5, heads: 3, value_size: 7 }, options: { lse: true } },
    { axes: { parts: 2, batch: 1, queries: 17, heads: 4, value_size: 64 } },
    {
      name: 'scores far apart',
      axes: { parts: 5, batch: 1, queries: 3, heads: 2, value_size: 20 },
      scale: { part_lse: 1e4 },
    },
  ],
  workloads: [
    {
      name: 'merge 8 splits',
      model: 'Llama-3.2-1B',
      size: 'small',
      axes: { parts: 8, batch: 1, queries: 1, heads: 32, value_size: 64 },
    },
  ],
  // exp is good to 3 + 2|x| ULP with |x| the distance from the largest part; at distance 2 that is 7.
  floor: () => 16 * 2 ** -23,
};
