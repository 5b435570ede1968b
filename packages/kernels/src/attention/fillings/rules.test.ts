// How scores are made, changed and turned into weights, and what is done with the output, against the oracle.
import { testKernel } from '@tilewright/tooling/test-kernel';
import { attentionCase, mixedStorage } from '../check-cases.ts';
import { decodeAttention } from '../decode-attention/index.ts';
import { flashAttention } from '../flash-attention/index.ts';
import { checkFillings } from './check-fillings.ts';
import {
  additiveSimilarity,
  alibi,
  exponentialWeight,
  gaussianSimilarity,
  headGate,
  headTemperature,
  keyCounts,
  leakyReluScore,
  scoreClamp,
  scoresInTurn,
  unitLoadK,
  unitLoadQ,
} from './index.ts';

const cosine = { load_q: unitLoadQ, load_k: unitLoadK, score: headTemperature };
const unscaled = { scalars: { scale: 1 } };

testKernel(
  checkFillings(flashAttention, [
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
  ]),
);

testKernel(
  checkFillings(decodeAttention, [
    attentionCase([1, 1, 9, 1, 1, 4], { slots: { epilogue: headGate } }),
    attentionCase([1, 1, 9, 1, 1, 3], { slots: { similarity: gaussianSimilarity } }),
    attentionCase([2, 1, 600, 4, 2, 8], { ...unscaled, slots: { ...cosine, epilogue: headGate } }),
    attentionCase([2, 1, 600, 4, 2, 8], {
      ...unscaled,
      options: { lengths: true },
      slots: { similarity: additiveSimilarity({ headSize: 8, activation: ['gelu-tanh', 'x'] }) },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 1, 600, 4, 2, 8], {
      scalars: { scale: 0.25 },
      slots: { similarity: gaussianSimilarity, weight: exponentialWeight },
    }),
    attentionCase([2, 2, 600, 4, 2, 8], { slots: { score: keyCounts() }, dtypes: mixedStorage }),
  ]),
);
