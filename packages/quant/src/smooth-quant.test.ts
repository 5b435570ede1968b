// SmoothQuant against its formula, and on the shipped model: the model stays what it was, and W8A8-like rounding gets easier.
import {
  columnMaximaStatistic,
  compose,
  gramStatistic,
  type GramStatistics,
  needsStatistics,
  type RecipePart,
  statisticValues,
} from '@tilewright/compression';
import { isTilewrightError } from '@tilewright/kernels';
import { type HostTensor, unpack } from '@tilewright/kernels/weights';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { expect, test } from 'vitest';
import { rtn, smoothQuant, type SmoothQuantConfig } from './index.ts';

const matrix = (rows: number, columns: number, numbers: readonly number[]): HostTensor =>
  packDense(Float32Array.from(numbers), [rows, columns], 'f32');

const state = new Map([
  ['norm.weight', packDense(Float32Array.of(2, 1, 1, 5), [4], 'f16')],
  ['q.weight', matrix(2, 4, [1, 2, 0, 3, -4, 0.5, 0, 1])],
  ['k.weight', matrix(1, 4, [0.25, -8, 0, 0])],
  ['o.weight', matrix(1, 4, [1, 2, 3, 4])],
]);
const part = (maxima: readonly number[]): RecipePart => ({
  state,
  weights: ['q.weight', 'k.weight', 'o.weight'],
  sites: [{ vectors: ['norm.weight'], weights: ['q.weight', 'k.weight'] }],
  channels: () => [],
  statistics: () => statisticValues([columnMaximaStatistic, Float32Array.from(maxima)]),
  codecs,
});

function rewritten(maxima: readonly number[], alpha?: number): Map<string, number[]> {
  const recipe = smoothQuant(alpha === undefined ? {} : { alpha });
  const changes = recipe.stages.flatMap(({ rewrite }) => [...rewrite(part(maxima))]);
  return new Map(changes.map(([name, tensor]) => [name, [...unpack(tensor, codecs)]]));
}

test('columns move by max|X|^α / max|W|^(1-α), into the norm and every weight behind it', () => {
  // Column maxima of both weights: 4, 8, 0, 3; of the inputs: 16, 2, 7, 0.
  const changed = rewritten([16, 2, 7, 0]);
  const scales = [Math.sqrt(16 / 4), Math.sqrt(2 / 8), 1, 1];
  expect([...changed.keys()]).toEqual(['norm.weight', 'q.weight', 'k.weight']);
  expect(changed.get('norm.weight')).toEqual([2 / scales[0]!, 1 / scales[1]!, 1, 5]);
  expect(changed.get('q.weight')).toEqual([1, 2, 0, 3, -4, 0.5, 0, 1].map((w, i) => w * scales[i % 4]!));
  expect(changed.get('k.weight')).toEqual([0.25, -8, 0, 0].map((w, i) => w * scales[i]!));
});

test('alpha 1 flattens the inputs, alpha 0 the weights', () => {
  expect(rewritten([16, 2, 7, 1], 1).get('norm.weight')).toEqual([2 / 16, 1 / 2, 1, 5]);
  const flat = rewritten([16, 2, 7, 1], 0);
  expect(Math.max(...flat.get('q.weight')!.map(Math.abs), ...flat.get('k.weight')!.map(Math.abs))).toBe(1);
});

test('it wants statistics, and what follows gathers its own anew', () => {
  const both = compose(smoothQuant(), rtn(integerQuantizer({ bits: 8 })));
  expect([both.name, needsStatistics(both), both.stages[0]!.changesInputs]).toEqual([
    'smoothquant+int8-rtn',
    true,
    true,
  ]);
  const others: GramStatistics = { gram: new Float64Array(16), columns: 4, samples: 1 };
  const without = { ...part([]), statistics: () => statisticValues([gramStatistic, others]) };
  expect([...smoothQuant().stages[0]!.rewrite(without)]).toEqual([]);
  expect(unpackDense(state.get('q.weight')!)[0]).toBe(1);
});

test.each([
  [
    () => smoothQuant({ alpha: 1.5 }),
    '[smoothQuant] alpha is 1.5; it is a number from 0 to 1. Fix: give one of these, or leave it out.',
  ],
  [
    () => smoothQuant({ alfa: 1 } as SmoothQuantConfig),
    "[smoothQuant] there is no option 'alfa'; known are alpha. Fix: write 'alpha'.",
  ],
  [
    () => rewritten([1, NaN, 1, 1]),
    "[smoothquant] column 1 of the inputs of 'q.weight' reaches NaN, its weights 8; inputs and weights are finite. " +
      'Fix: calibrate on other text, or look for the layer that overflows.',
  ],
])('refusal %#', (act, message) => {
  let error: unknown;
  try {
    act();
  } catch (caught) {
    error = caught;
  }
  expect(isTilewrightError(error) && error.message).toBe(message);
});
