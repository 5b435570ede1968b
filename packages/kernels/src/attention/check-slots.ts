// Cases by which a kernel of attention shows, once in each variant, that it calls what fills its slots. What fillings compute
// is tested in fillings/filling-probe.ts, in all their forms.
import type { CheckCase } from '../contract/check.ts';
import { pagedLoadV } from '../cache/fillings/cache-paged.ts';
import { attentionCase, mixedStorage } from './check-cases.ts';
import { fillingInputs } from './fillings/check-fillings.ts';
import {
  blockMask,
  documentMask,
  exponentialWeight,
  gaussianSimilarity,
  headGate,
  queryBias,
  relativeFactor,
  scoreClamp,
  unitLoadK,
} from './fillings/index.ts';

/** Every slot but `load_v` filled, which takes all the bindings a device must have; then that one, and blocks to skip. */
export const slotCases = (queries: number, keys: number): readonly CheckCase[] => [
  attentionCase([2, queries, keys, 2, 1, 8], {
    scalars: { scale: 0.25 },
    slots: {
      load_q: queryBias(8),
      load_k: unitLoadK,
      similarity: gaussianSimilarity,
      score: scoreClamp(-4, 4),
      mask: documentMask,
      weight: exponentialWeight,
      reweight: relativeFactor(6),
      epilogue: headGate,
    },
    dtypes: mixedStorage,
    inputs: fillingInputs,
  }),
  attentionCase([2, queries, keys, 4, 2, 8, 12], {
    options: { causal: true, lengths: true },
    slots: {
      load_v: pagedLoadV({ pages: 11, tableSize: Math.ceil(keys / 16), pageSize: 16, size: 12 }),
      mask: blockMask({
        size: 32,
        queryBlocks: Math.ceil(queries / 32),
        keyBlocks: Math.ceil(keys / 32),
      }),
    },
    dtypes: { ...mixedStorage, 'load_v.pool': 'f16' },
    inputs: fillingInputs,
  }),
];
