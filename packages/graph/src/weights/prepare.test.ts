import { isTilewrightError, type StateDict } from '@tilewright/kernels';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { integer } from '@tilewright/kernels/weights/integer';
import { describe, expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import type { Graph } from '../ir.ts';
import { packWeights } from '../oracle/pack-weights.ts';
import { prepareWeights } from './prepare.ts';
import type { WeightExpression } from './weight-expression.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { linear } from '../operators/products/linear.ts';

const stored = (name: string): WeightExpression => ({ kind: 'stored', name });

/** A graph that wants one weight, made as an expression says. */
function wanting(expression: WeightExpression, shape: readonly number[]): Graph {
  const g = graphBuilder({ tokens: { max: 1 } });
  const x = g.input('x', 'f32', ['tokens', shape.at(-1)!]);
  const weight = g.weight('w', shape);
  const y =
    shape.length === 2
      ? g.node(linear, { x, weight }).y!
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
  test('joins, permutes and scales', () => {
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
    const scaled = {
      kind: 'scale-columns',
      by: stored('g'),
      of: stored('m'),
    } as const;
    expect(valuesOf(scaled, [2, 4])).toEqual([0, 2, 1, -3, 4, 10, 3, -7]);
  });

  test('takes what is prepared already as it is', () => {
    const done = packDense(new Float32Array(8).fill(3), [2, 4], 'f16');
    const prepared = prepareWeights(wanting(stored('m'), [2, 4]), new Map([['w', done]]));
    expect(prepared.get('w')).toBe(done);
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
  test('refuses to fold into compressed weights', () => {
    const packed = packWeights(state, () => integer({ bits: 4 }));
    const scaled = {
      kind: 'scale-columns',
      by: stored('g'),
      of: stored('m'),
    } as const;
    expect(messageOf(scaled, [2, 4], packed)).toBe(
      'bad-format: [w] a gain per column cannot be folded into int4-g32; groups of columns share a scale. ' +
        'Fix: simplify the graph with the formats of these weights, so that the gain stays outside.',
    );
  });
});
