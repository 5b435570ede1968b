import { checkOptions, positiveInteger, optional, anyValue } from '../../contract/check-options.ts';
import type { SimilarityReference } from '../slots.ts';
import { checkExpression, type Expression, expressionId, expressionWgsl } from '../../numbers/expression.ts';
import { expressionReference } from '../../numbers/expression-reference.ts';
import type { Filling } from '../../contract/filling.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export interface AdditiveSimilarityOptions {
  readonly headSize: number;
  /** A formula of `x`; default `['tanh', 'x']`. */
  readonly activation?: Expression;
}

/**
 * Slot `similarity`: Σ w_c · act(q_c + k_c) instead of the dot product, `similarity.weights` f32 `[head_size]`, the same for
 * all heads (additive attention, Bahdanau et al. 2015; "neural attention", DiGiugno and Mahmood 2025, arXiv 2502.17206, with queries and
 * keys projected to few channels and the bias in either). Give the scalar `scale` 1.
 *
 * @throws `bad-argument` for a formula with an operand other than `x`.
 */
export function additiveSimilarity(options: AdditiveSimilarityOptions): Filling<SimilarityReference> {
  checkOptions('additiveSimilarity', options, { headSize: positiveInteger, activation: optional(anyValue) });
  const { headSize, activation = ['tanh', 'x'] } = options;
  checkExpression(activation);
  const width = headSize % 4 === 0 ? 4 : 1;
  return {
    id: `additive-${headSize}-${expressionId(activation)}`,
    bindings: { weights: { shape: ['head_size'], dtype: 'f32', width } },
    wgsl: (slot) => {
      const { value, functions } = expressionWgsl(activation, (name) => name, {
        type: width === 4 ? 'vec4<f32>' : 'f32',
        prefix: `${slot}_`,
      });
      return `${functions}
fn ${slot}(sum: f32, q: qk_fragment, k: qk_fragment, unit: u32) -> f32 {
  let x = q + k;
  return sum + qk_dot(${slot}_weights_load(unit), ${value});
}`;
    },
    reference: (q, k, { tensor, round }) =>
      pairwiseSum(
        q.map((value, c) =>
          round(tensor('weights')[c]! * expressionReference(activation, { x: round(value + k[c]!) }, round)),
        ),
        round,
      ),
  };
}

/**
 * Slot `similarity`: -|q - k|² / 2, so that with softmax, keys weigh by a Gaussian around the query; the scalar `scale` is
 * 1 / σ² (Tsai et al. 2019, arXiv 1908.11775). {@link exponentialWeight} leaves it unnormalised.
 */
export const gaussianSimilarity: Filling<SimilarityReference> = /* @__PURE__ */ Object.freeze({
  id: 'gaussian',
  wgsl: (slot: string) => `fn ${slot}(sum: f32, q: qk_fragment, k: qk_fragment, unit: u32) -> f32 {
  let d = q - k;
  return sum - 0.5 * qk_dot(d, d);
}`,
  reference: (q: Float64Array, k: Float64Array, { round }: { round: (value: number) => number }) =>
    -0.5 *
    pairwiseSum(
      q.map((value, c) => round(round(value - k[c]!) ** 2)),
      round,
    ),
});
