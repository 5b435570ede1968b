// How scores are made, changed and turned into weights, and what is done with the output, against the oracle.
import { testKernel } from '@tilewright/tooling/test-kernel';
import { attentionCase, mixedStorage } from '../check-cases.ts';

import { checkFillings } from './check-fillings.ts';
import {
  additiveMask,
  additiveSimilarity,
  alibi,
  blockMask,
  booleanMask,
  bothMasks,
  documentMask,
  exponentialWeight,
  gatedOutput,
  gaussianSimilarity,
  headGate,
  headTemperature,
  keyCounts,
  leakyReluScore,
  prefixMask,
  relativeBias,
  ropeLoadK,
  ropeLoadQ,
  scoreClamp,
  scoresInTurn,
  sigmoidWeight,
  sinkSoftmax,
  squaredReluWeight,
  unitLoadK,
  unitLoadQ,
} from './index.ts';

const cosine = { load_q: unitLoadQ, load_k: unitLoadK, score: headTemperature };
const unscaled = { scalars: { scale: 1 } };

testKernel(
  checkFillings([
    attentionCase([1, 3, 5, 1, 1, 4], { slots: { score: scoreClamp(-1, 1) } }),
    attentionCase([1, 3, 5, 1, 1, 3], { slots: { similarity: gaussianSimilarity } }),
    attentionCase([1, 37, 37, 2, 1, 20, 12], {
      slots: { score: scoreClamp(-10, 10) },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    attentionCase([2, 33, 70, 2, 1, 8], { slots: { score: leakyReluScore(0.2), epilogue: headGate } }),
    attentionCase([1, 35, 70, 4, 2, 12], { ...unscaled, slots: cosine, dtypes: mixedStorage }),
    attentionCase([1, 35, 37, 2, 1, 7], { ...unscaled, slots: cosine, scale: { q: 1e4, k: 1e4 } }),
    attentionCase([2, 35, 70, 2, 1, 8], {
      ...unscaled,
      slots: { similarity: additiveSimilarity({ headSize: 8 }) },
    }),
    attentionCase([1, 35, 37, 2, 1, 5], {
      ...unscaled,
      options: { causal: true },
      slots: { similarity: additiveSimilarity({ headSize: 5, activation: ['relu', 'x'] }) },
    }),
    attentionCase([2, 35, 70, 2, 1, 8], {
      scalars: { scale: 0.25 },
      slots: { similarity: gaussianSimilarity, weight: exponentialWeight },
    }),
    attentionCase([2, 33, 70, 4, 2, 8], { options: { lengths: true }, slots: { score: keyCounts() } }),
    attentionCase([2, 33, 70, 2, 1, 8], {
      slots: { score: scoresInTurn(alibi, keyCounts({ shared: true })) },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    attentionCase([2, 1, 60, 4, 2, 8], {
      ...unscaled,
      options: { lengths: true },
      slots: { similarity: additiveSimilarity({ headSize: 8, activation: ['gelu-tanh', 'x'] }) },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 33, 40, 3, 1, 8], {
      slots: { mask: additiveMask({ batch: true, queries: true }), score: alibi },
      dtypes: mixedStorage,
    }),
    attentionCase([1, 70, 90, 2, 1, 8], {
      slots: {
        mask: bothMasks(
          booleanMask({ heads: true, queries: true }),
          blockMask({ size: 32, queryBlocks: 3, keyBlocks: 3 }),
        ),
        weight: sinkSoftmax,
      },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 40, 40, 2, 2, 8], {
      options: { causal: true, lse: true },
      slots: { mask: documentMask, score: relativeBias(6) },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 40, 70, 2, 1, 8], {
      options: { lengths: true },
      slots: { mask: prefixMask, score: headTemperature, epilogue: gatedOutput(8) },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 9, 34, 2, 1, 16], {
      options: { causal: true, lengths: true },
      slots: {
        load_q: ropeLoadQ({ headSize: 16, positions: 34, rotary: 8 }),
        load_k: ropeLoadK({ headSize: 16, positions: 34, rotary: 8 }),
        weight: sigmoidWeight(-2),
      },
    }),
    attentionCase([1, 9, 34, 2, 1, 6], {
      options: { causal: true },
      slots: {
        load_q: ropeLoadQ({ headSize: 6, positions: 34, interleaved: true }),
        load_k: ropeLoadK({ headSize: 6, positions: 34, interleaved: true }),
        weight: squaredReluWeight,
      },
      dtypes: mixedStorage,
    }),
  ]),
);
