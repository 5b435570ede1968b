import { attentionFloor, mixedStorage, selectedCase } from '../check-cases.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { alibi, listedKeys } from '../fillings/index.ts';
import { keyLists } from '../gather-attention/check.ts';
import { querySparsity } from './index.ts';
import { querySparsityReference } from './reference.ts';

const { q, k } = mixedStorage as Required<Pick<typeof mixedStorage, 'q' | 'k'>>;

export const check: KernelCheck = {
  kernel: querySparsity,
  reference: querySparsityReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: axes.batch! * axes.heads! * axes.queries! * axes.selected! * (2 * axes.head_size! + 3),
  }),
  inputs: keyLists,
  cases: [
    selectedCase([1, 1, 1, 1, 1, 4], 1),
    selectedCase([2, 9, 31, 4, 2, 8], 7, { options: { causal: true, lengths: true } }),
    selectedCase([1, 19, 300, 3, 3, 7], 290, { slots: { select: listedKeys({ batch: false, heads: 1 }) } }),
    selectedCase([2, 33, 40, 4, 2, 12], 9, {
      name: 'values to 1e4',
      slots: { score: alibi },
      scale: { q: 1e4, k: 1e4 },
      dtypes: { q: q!, k: k! },
    }),
  ],
  workloads: [
    {
      ...selectedCase([1, 720, 720, 8, 8, 64], 33, {
        slots: { select: listedKeys({ batch: false, heads: 1 }) },
      }),
      name: 'samples of 720 hours',
      model: 'Informer',
      size: 'large',
    },
  ],
  floor: attentionFloor,
};
