// Positions: biases, factors and turned vectors by the distance of query and key, against the oracle.
import { testKernel } from '@tilewright/tooling/test-kernel';
import { attentionCase, mixedStorage } from '../check-cases.ts';

import { checkFillings } from './check-fillings.ts';
import {
  collinearLoadK,
  collinearLoadQ,
  gridBias,
  headTemperature,
  queryBias,
  relativeBias,
  relativeFactor,
  relativeProduct,
  ropeLoadK,
  ropeLoadQ,
  scoresInTurn,
  variateBias,
} from './index.ts';

const turned = (headSize: number, positions: number) => ({
  load_q: ropeLoadQ({ headSize, positions, interleaved: true }),
  load_k: ropeLoadK({ headSize, positions, interleaved: true }),
});
const collinear = (headSize: number, positions: number) => ({
  load_q: collinearLoadQ({ headSize, positions }),
  load_k: collinearLoadK({ headSize, positions }),
});

testKernel(
  checkFillings([
    attentionCase([1, 3, 5, 1, 1, 4], { slots: { score: relativeProduct({ back: 3 }) } }),
    attentionCase([1, 4, 6, 2, 1, 8], { slots: { score: gridBias({ height: 2, width: 3 }) } }),
    attentionCase([2, 33, 40, 4, 2, 16], {
      options: { causal: true, lengths: true },
      slots: { load_q: queryBias(16), score: relativeProduct({ back: 39, scale: 0.25 }) },
      dtypes: { ...mixedStorage, 'score.product': 'f16' },
    }),
    attentionCase([1, 31, 33, 2, 1, 7], {
      slots: { load_q: queryBias(7), score: relativeProduct({ back: 4, ahead: 4 }) },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    attentionCase([3, 49, 49, 3, 3, 8], { slots: { score: gridBias({ height: 7, width: 7 }) } }),
    attentionCase([2, 9, 34, 2, 1, 16], {
      options: { causal: true, lengths: true },
      slots: collinear(16, 34),
    }),
    attentionCase([1, 9, 34, 2, 1, 6], { options: { causal: true }, slots: collinear(6, 34) }),
    attentionCase([2, 40, 45, 2, 1, 8], {
      options: { causal: true, lse: true },
      slots: { reweight: relativeFactor(6), score: variateBias },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 21, 30, 2, 2, 8], {
      slots: { ...turned(8, 30), score: scoresInTurn(relativeBias(3), headTemperature) },
    }),
    attentionCase([1, 3, 300, 2, 1, 12], { options: { causal: true }, slots: turned(12, 300) }),
  ]),
);
