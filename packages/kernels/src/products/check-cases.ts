// Cases that matmul and gemv share: a few formats, irregular shapes, and the fillings.
import type { CheckCase, CheckInputs } from '../contract/check.ts';
import { columnGain } from './fillings/load-a.ts';
import { expressionEpilogue } from './fillings/epilogue.ts';
import { rmsObserve } from './fillings/observe-a.ts';
import { ropeCacheEpilogue } from './fillings/rope-cache.ts';
import { dense } from '../weights/dense/format.ts';
import { integer } from '../weights/integer/format.ts';
import { nm } from '../weights/n-m/format.ts';
import type { WeightFormat } from '../contract/weight-format.ts';
import { rowView } from '../contract/row-view.ts';

const shape = (m: number, n: number, k: number, batch = 1): CheckCase => ({ axes: { batch, m, n, k } });

const inFormat = (
  format: WeightFormat,
  [m, n, k]: [number, number, number],
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  name: format.name,
  ...shape(m, n, k),
  formats: { b: format },
  ...rest,
});

const rope = { heads: 3, kvHeads: 1, headSize: 8, rotary: 4, capacity: 6 };

const halves = { a: 'f16', y: 'f16' } as const;

/** Positions that are inside the cache of their own sequence, no two rows in one place. */
function cachePositions(input: CheckCase, random: () => number): CheckInputs {
  const { batch, m } = input.axes as { batch: number; m: number };
  const first = Math.floor(random() * (rope.capacity - m + 1));
  const rows = Array.from({ length: batch * m }, (_, row) => ({
    sequence: Math.floor(row / m),
    at: first + (row % m),
  }));
  return {
    'epilogue.positions': Uint32Array.from(
      rows.flatMap(({ sequence, at }) => [at, sequence * rope.capacity + at]),
    ),
  };
}

/**
 * For `few` rows (gemv) or many. Every case is compiled for each variant, so f16 is met in some and not in all, and formats
 * are three: dense, one of integers, one with zeros left out. Readers of all formats are tested in a probe, weights/reader.test.ts.
 */
export const linearCases = (few: boolean): readonly CheckCase[] => [
  shape(1, 1, 1),
  shape(few ? 2 : 5, 7, 37),
  shape(few ? 3 : 67, few ? 61 : 131, 129),
  { name: 'large values', ...shape(few ? 4 : 33, 64, 256, 2), scale: { a: 1e4 } },
  inFormat(dense('f16'), [few ? 1 : 17, 40, 100], { dtypes: halves }),
  inFormat(dense('f16'), [3, 5, 31], { dtypes: halves }),
  inFormat(integer({ bits: 4 }), [few ? 1 : 65, 132, 512]),
  inFormat(integer({ bits: 4 }), [few ? 5 : 31, 30, 252], { dtypes: { a: 'f32', y: 'f16' } }),
  inFormat(nm({ n: 2, m: 4, values: integer({ bits: 4 }) }), [few ? 1 : 35, 68, 288]),
  {
    name: 'norm in front, residual behind',
    ...inFormat(integer({ bits: 4 }), [few ? 2 : 6, 20, 96]),
    dtypes: { ...halves, 'epilogue.residual': 'f16', 'load_a.gain': 'f16' },
    slots: {
      load_a: columnGain({ columns: 96 }),
      observe_a: rmsObserve(1e-5, 96),
      epilogue: expressionEpilogue({
        expression: ['add', 'residual', ['silu', ['add', ['mul', 'acc', 'gain'], 'bias']]],
        operands: { residual: 'full', bias: 'column', gain: 'row' },
        columns: 20,
      }),
    },
  },
  {
    name: 'norm in front, gelu behind, nothing a multiple of 4',
    ...shape(few ? 2 : 5, 22, 1021),
    slots: {
      load_a: columnGain({ columns: 1021 }),
      observe_a: rmsObserve(1e-6, 1021),
      epilogue: expressionEpilogue({
        expression: ['mul', ['gelu', ['add', 'acc', 'bias']], 'scale'],
        operands: { bias: 'column', scale: 'scalar' },
        columns: 22,
      }),
    },
  },
  {
    name: 'queries, keys and values',
    ...shape(few ? 2 : 3, 40, 64, 2),
    slots: { epilogue: ropeCacheEpilogue(rope) },
    inputs: cachePositions,
  },
  {
    name: 'f16 cache',
    ...inFormat(integer({ bits: 8 }), [2, 40, 64]),
    dtypes: { a: 'f32', 'epilogue.q': 'f32', 'epilogue.k': 'f16', 'epilogue.v': 'f16' },
    slots: { epilogue: ropeCacheEpilogue(rope) },
    inputs: cachePositions,
  },
  {
    ...shape(few ? 3 : 9, 20, 68),
    views: { a: rowView({ stride: 70, offset: { multipleOf: 2 } }), y: rowView({ stride: 24, offset: 4 }) },
    uniforms: { a_offset: 6 },
  },
  {
    ...shape(few ? 2 : 5, 7, 37),
    views: { a: rowView({ stride: 41, offset: 3 }), y: rowView({ stride: { multipleOf: 1 }, offset: 1 }) },
    uniforms: { y_stride: 11 },
    dtypes: halves,
  },
];

/**
 * Sums of k terms in another order than the oracle's: the probabilistic bound of √k units in the last place (Higham
 * and Mary 2019); and for activations, exp at 3 + 2|x| ULP with |x| up to about 10 where it matters.
 */
export const linearFloor = (input: CheckCase): number =>
  (Math.sqrt(input.axes.k!) + (input.slots?.epilogue || input.slots?.observe_a ? 24 : 0)) * 2 ** -24;
