import { isTilewrightError, type StateDict } from '@tilewright/kernels';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { describe, expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import type { Graph } from '../ir.ts';
import { prepareWeights } from './prepare.ts';
import type { WeightExpression } from './weight-expression.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { buildProduct } from '../oracle/build-product.ts';

const stored = (name: string): WeightExpression => ({ kind: 'stored', name });

/** A graph that wants one weight, made as an expression says. */
function wanting(expression: WeightExpression, shape: readonly number[]): Graph {
  const g = graphBuilder({ tokens: { max: 1 } });
  const x = g.input('x', 'f32', ['tokens', shape.at(-1)!]);
  const weight = g.weight('w', shape);
  const y =
    shape.length === 2
      ? buildProduct(g, x, weight)
      : g.node(rmsNormalization, { X: x, scale: weight }, { epsilon: 1e-5 }).Y!;
  return { ...g.finish({ outputs: [y] }), weights: { w: expression } };
}

const matrix = packDense(
  Float32Array.from({ length: 8 }, (_, i) => i),
  [2, 4],
  'f32',
);
const gain = packDense(Float32Array.of(1, 2, 0.5, -1), [4], 'f16');
const state: StateDict = new Map([
  ['m', matrix],
  ['g', gain],
]);
const valuesOf = (expression: WeightExpression, shape: readonly number[], from = state): number[] => [
  ...unpackDense(prepareWeights(wanting(expression, shape), from).get('w')!),
];

describe('prepareWeights', () => {
  test('joins and permutes', () => {
    const swapped = {
      kind: 'permute-rows',
      permutation: [1, 0],
      of: stored('m'),
    } as const;
    const joined = {
      kind: 'concat-rows',
      parts: [stored('m'), swapped],
    } as const;
    expect(valuesOf(joined, [4, 4])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 0, 1, 2, 3]);
  });

  test('makes gains f32', () => {
    const prepared = prepareWeights(wanting(stored('g'), [4]), state).get('w')!;
    expect(prepared.format.name).toBe('f32');
    expect([...unpackDense(prepared)]).toEqual([1, 2, 0.5, -1]);
  });

  const messageOf = (expression: WeightExpression, shape: readonly number[], from = state): string => {
    try {
      prepareWeights(wanting(expression, shape), from);
    } catch (error) {
      if (!isTilewrightError(error)) throw error;
      return `${error.code}: ${error.message}`;
    }
    return 'nothing was thrown';
  };
  test('refuses missing tensors', () => {
    expect(messageOf(stored('other'), [2, 4])).toBe(
      "bad-model: [w] the tensor 'other' is not among the weights; the model's configuration needs it. " +
        'Fix: check that the weight files are complete and belong to config.json.',
    );
  });
  test('refuses other shapes', () => {
    expect(messageOf(stored('m'), [4, 4])).toBe(
      "bad-model: [w] the weight has shape [2, 4]; the model's configuration makes it [4, 4]. " +
        'Fix: check that config.json belongs to these weights.',
    );
  });
});
