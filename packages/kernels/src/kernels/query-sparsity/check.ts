import { attentionCase, attentionFloor, mixedStorage } from '../../attention/check-cases.ts';
import type { CheckCase, KernelCheck } from '../../core/check.ts';
import { alibi, listedKeys } from '../../fillings/attention/index.ts';
import { keyLists } from '../gather-attention/check.ts';
import { querySparsity } from './index.ts';
import { querySparsityReference } from './reference.ts';

/** `attentionCase` with a number of keys for each query, and without what has to do with values. */
function sparsityCase(
  sizes: Parameters<typeof attentionCase>[0],
  selected: number,
  rest: Partial<CheckCase> = {},
): CheckCase {
  const { axes, ...others } = attentionCase(sizes, rest);
  const { value_size: _, ...own } = axes;
  return { ...others, axes: { ...own, selected } };
}
const { q, k } = mixedStorage as Required<Pick<typeof mixedStorage, 'q' | 'k'>>;

export const check: KernelCheck = {
  kernel: querySparsity,
  reference: querySparsityReference,
  inputs: keyLists,
  cases: [
    sparsityCase([1, 1, 1, 1, 1, 4], 1),
    sparsityCase([2, 9, 31, 4, 2, 8], 7, { options: { causal: true, lengths: true } }),
    sparsityCase([1, 19, 300, 3, 3, 7], 290, { slots: { select: listedKeys({ batch: false, heads: 1 }) } }),
    sparsityCase([2, 33, 40, 4, 2, 12], 9, {
      name: 'values to 1e4',
      slots: { score: alibi },
      scale: { q: 1e4, k: 1e4 },
      dtypes: { q: q!, k: k! },
    }),
  ],
  workloads: [
    {
      ...sparsityCase([1, 720, 720, 8, 8, 64], 33, {
        slots: { select: listedKeys({ batch: false, heads: 1 }) },
      }),
      name: 'samples of 720 hours',
      model: 'Informer',
      size: 'large',
    },
  ],
  floor: attentionFloor,
};
