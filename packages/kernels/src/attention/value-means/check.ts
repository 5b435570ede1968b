import { attentionCase, attentionInputs, mixedStorage } from '../check-cases.ts';
import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { valueMeans } from './index.ts';
import { valueMeansReference } from './reference.ts';

/** `[batch, queries, keys, heads, kv_heads, value_size]`. */
function meansCase(sizes: Parameters<typeof attentionCase>[0], rest: Partial<CheckCase> = {}): CheckCase {
  const { axes, options, ...others } = attentionCase(sizes, rest);
  const { head_size: _, ...ownAxes } = axes;
  const { k_strides: __, ...ownOptions } = options!;
  return { ...others, axes: ownAxes, options: ownOptions };
}
const { v, y } = mixedStorage as Required<Pick<typeof mixedStorage, 'v' | 'y'>>;
const dtypes = { v: v!, y: y! };

export const check: KernelCheck = {
  kernel: valueMeans,
  reference: valueMeansReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: axes.batch! * axes.heads! * axes.value_size! * (axes.keys! + axes.queries!),
  }),
  inputs: attentionInputs,
  cases: [
    meansCase([1, 1, 1, 1, 1, 4]),
    meansCase([2, 37, 41, 4, 2, 12], { options: { of: 'running-mean', lengths: true } }),
    meansCase([2, 23, 67, 3, 1, 7], { options: { lengths: true } }),
    meansCase([1, 70, 50, 2, 2, 20], { name: 'more queries than keys', options: { of: 'running-mean' } }),
    meansCase([1, 70, 50, 2, 1, 68], {
      name: 'places after the last key, values to 1e4',
      options: { of: 'running-sum', alignment: 'start', v_strides: 'bshd', y_strides: 'bhsd' },
      scale: { v: 1e4 },
      dtypes,
    }),
  ],
  workloads: [
    {
      ...meansCase([1, 720, 720, 8, 8, 64]),
      name: 'lazy rows of 720 hours',
      model: 'Informer',
      size: 'large',
    },
  ],
  // Sums of up to `keys` terms, in another order than the oracle's; running ones are largest at the first keys.
  floor: ({ axes }) => (16 + Math.sqrt(axes.keys!)) * 2 ** -23,
};
