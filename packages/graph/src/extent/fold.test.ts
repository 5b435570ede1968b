// Contents of small integer values: every folding agrees with the same operator on numbers.
import { evaluate, type Extent } from '@tilewright/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extentAlgebra } from './algebra.ts';
import { type Contents, contentsOf, type KnownValue, knownValue, numbersOf } from './contents.ts';
import {
  foldConcat,
  foldConstantOfShape,
  foldGather,
  foldNegate,
  foldPairwise,
  foldRange,
  foldReduce,
  foldShape,
  foldSize,
  foldSlice,
  foldTruth,
  foldUnchanged,
  foldWhere,
  slicePlaces,
} from './fold.ts';
import {
  isAtLeast,
  isAtMost,
  isBoth,
  isEither,
  isEqual,
  isGreater,
  isLess,
  differenceOfTwo,
  maximumOfTwo,
  minimumOfTwo,
  moduloOfTwo,
  type Pairwise,
  productOfTwo,
  quotientOfTwo,
  remainderOfTwo,
  sumOfTwo,
} from './pairwise.ts';
import { broadcastShapes, reshapedShape } from './shapes.ts';
import { unify } from './unify.ts';

const sizes = extentAlgebra({ batch: { min: 1, max: 8 }, tokens: { min: 1, max: 512 }, n: { max: 9 } });
const vector = (...contents: Contents): KnownValue => ({ shape: [contents.length], contents });
const scalar = (value: Extent): KnownValue => ({ shape: [], contents: [value] });
const x: readonly Extent[] = ['batch', 'tokens', 768];

test('Shape, Gather, Unsqueeze, Concat: the target of a reshape', () => {
  const shape = vector(...foldShape(x));
  const at = (index: number): KnownValue => ({
    shape: [1],
    contents: foldUnchanged(scalar(foldGather(shape, scalar(index), 0)![0]!)),
  });
  const target = foldConcat([at(0), at(1), vector(12), vector(-1)], 0);
  expect(target).toEqual(['batch', 'tokens', 12, -1]);
  expect(reshapedShape(sizes.scope, x, target)).toEqual({
    shape: ['batch', 'tokens', 12, 64],
    undecided: [],
  });
});

test('Shape from start to end, and Size', () => {
  expect(foldShape(x, { start: 1 })).toEqual(['tokens', 768]);
  expect(foldShape(x, { start: -3, end: -1 })).toEqual(['batch', 'tokens']);
  expect(foldSize(sizes, x)).toEqual([['*', 768, ['*', 'batch', 'tokens']]]);
  expect(foldSize(sizes, [])).toEqual([1]);
});

test('a value is known if its sizes are numbers and its elements few', () => {
  expect(knownValue([2], [1, 'n'])).toEqual(vector(1, 'n'));
  expect(knownValue(['n'], [1])).toBeUndefined();
  expect(knownValue([2], [1])).toBeUndefined();
  expect(knownValue([2], undefined)).toBeUndefined();
  expect(
    knownValue(
      [65],
      Array.from({ length: 65 }, () => 1),
    ),
  ).toBeUndefined();
});

test('stored integers become contents; those beyond 2⁵³ are limits', () => {
  expect(contentsOf(new BigInt64Array([5n, -(2n ** 63n), 2n ** 63n - 1n]))).toEqual([5, -Infinity, Infinity]);
  expect(contentsOf(new Int32Array([-1, 7]))).toEqual([-1, 7]);
  expect(contentsOf(new Int32Array(65))).toBeUndefined();
  expect(numbersOf([1, Infinity])).toBeUndefined();
  expect(numbersOf([1, 'n'])).toBeUndefined();
});

describe('pieces', () => {
  const matrix: KnownValue = { shape: [2, 3], contents: [1, 2, 3, 'n', 5, 6] };
  test('Gather along either axis, from the end too', () => {
    expect(foldGather(matrix, vector(2, -3), 1)).toEqual([3, 1, 6, 'n']);
    expect(foldGather(matrix, scalar(1), 0)).toEqual(['n', 5, 6]);
    expect(foldGather(matrix, { shape: [1, 2], contents: [1, 0] }, 0)).toEqual(['n', 5, 6, 1, 2, 3]);
  });
  test('Gather of an index that is not known or not there', () => {
    expect(foldGather(matrix, vector('n'), 0)).toBeUndefined();
    expect(foldGather(matrix, vector(3), 1)).toBeUndefined();
    expect(foldGather(matrix, vector(...Array.from({ length: 22 }, () => 0)), 0)).toBeUndefined();
  });
  test('Concat along either axis', () => {
    expect(foldConcat([matrix, { shape: [2, 1], contents: [8, 9] }], 1)).toEqual([1, 2, 3, 8, 'n', 5, 6, 9]);
    expect(foldConcat([matrix, { shape: [1, 3], contents: [7, 8, 9] }], 0)).toEqual([
      1,
      2,
      3,
      'n',
      5,
      6,
      7,
      8,
      9,
    ]);
  });
  test('Slice along some axes', () => {
    const range = (axis: number, start: number, end: number, step = 1) => ({ axis, start, end, step });
    expect(foldSlice(matrix, [range(1, 1, Infinity)])).toEqual([2, 3, 5, 6]);
    expect(foldSlice(matrix, [range(1, -1, -Infinity, -2), range(0, -1, 9)])).toEqual([6, 'n']);
    expect(foldSlice(matrix, [range(0, 2, 2)])).toEqual([]);
  });
  test('places of a slice are those of an array', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: -12, max: 12 }),
        fc.integer({ min: -12, max: 12 }),
        fc.integer({ min: 1, max: 3 }),
        (length, start, end, step) => {
          const all = Array.from({ length }, (_, i) => i);
          const want = all.slice(start, end).filter((_, i) => i % step === 0);
          expect(slicePlaces({ axis: 0, start, end, step }, length)).toEqual(want);
          // The places from the last one down, in the mirrored array.
          const mirrored = all.toReversed().slice(start, end);
          const mirror = (place: number): number => (place < 0 ? -place - 1 : -1 - place);
          const down = slicePlaces({ axis: 0, start: mirror(start), end: mirror(end), step: -1 }, length);
          expect(down).toEqual(mirrored);
        },
      ),
    );
  });
  test('Range, ConstantOfShape', () => {
    expect(foldRange(scalar(2), scalar(9), scalar(3))).toEqual([2, 5, 8]);
    expect(foldRange(scalar(0), scalar(-3), scalar(-1))).toEqual([0, -1, -2]);
    expect(foldRange(scalar(3), scalar(0), scalar(1))).toEqual([]);
    expect(foldRange(scalar(0), scalar('n'), scalar(1))).toBeUndefined();
    expect(foldRange(scalar(0), scalar(1), scalar(0))).toBeUndefined();
    expect(foldRange(scalar(0), scalar(100), scalar(1))).toBeUndefined();
    expect(foldConstantOfShape(vector(2, 2), 'n')).toEqual(['n', 'n', 'n', 'n']);
    expect(foldConstantOfShape(vector('n'), 1)).toBeUndefined();
    expect(foldConstantOfShape(vector(65), 1)).toBeUndefined();
    expect(foldConstantOfShape(vector(), 1)).toEqual([1]);
  });
});

describe('arithmetic', () => {
  const fold = (operation: Pairwise, a: Extent, b: Extent): Extent | undefined =>
    foldPairwise(sizes, operation, scalar(a), scalar(b))?.[0];
  const operations: readonly [string, Pairwise, (a: number, b: number) => number][] = [
    ['add', sumOfTwo, (a, b) => a + b],
    ['subtract', differenceOfTwo, (a, b) => a - b],
    ['multiply', productOfTwo, (a, b) => a * b],
    ['minimum', minimumOfTwo, Math.min],
    ['maximum', maximumOfTwo, Math.max],
    ['divide', quotientOfTwo, (a, b) => Math.trunc(a / b)],
    ['modulo', moduloOfTwo, (a, b) => a - b * Math.floor(a / b)],
    ['remainder', remainderOfTwo, (a, b) => a % b],
    ['equal', isEqual, (a, b) => Number(a === b)],
    ['less', isLess, (a, b) => Number(a < b)],
    ['at most', isAtMost, (a, b) => Number(a <= b)],
    ['greater', isGreater, (a, b) => Number(a > b)],
    ['at least', isAtLeast, (a, b) => Number(a >= b)],
    ['either', isEither, (a, b) => Number(a !== 0 || b !== 0)],
    ['both', isBoth, (a, b) => Number(a !== 0 && b !== 0)],
  ];
  const operand = fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.constantFrom<Extent>('n', 'tokens', ['*', 2, 'n'], ['-', 'n', 'tokens'], ['+', 'n', 3]),
  );
  test.each(operations)('%s is what numbers give', (_name, operation, onNumbers) => {
    let found = 0;
    fc.assert(
      fc.property(operand, operand, fc.nat(9), fc.integer({ min: 1, max: 512 }), (a, b, n, tokens) => {
        const result = fold(operation, a, b);
        const at = { n, tokens };
        if (result === undefined) return;
        found++;
        const want = onNumbers(evaluate(a, at), evaluate(b, at));
        expect(evaluate(result, at) + 0).toBe(want + 0);
      }),
      { numRuns: 1000 },
    );
    // All pairs of numbers but those with a divisor 0 are decided.
    expect(found).toBeGreaterThan(100);
  });
  test('is refused beyond all bounds, and by zero', () => {
    expect(fold(sumOfTwo, Infinity, 1)).toBeUndefined();
    expect(fold(productOfTwo, 2 ** 52, 2 ** 52)).toBeUndefined();
    expect(fold(quotientOfTwo, 'n', 0)).toBeUndefined();
    expect(fold(moduloOfTwo, 'n', 'tokens')).toBeUndefined();
    expect(fold(quotientOfTwo, ['*', 'n', 'tokens'], 'n')).toBeUndefined(); // n may be 0
    expect(fold(quotientOfTwo, ['*', 'n', 'tokens'], 'tokens')).toBe('n');
    expect(foldNegate(sizes, vector('n', -3))).toEqual([['*', -1, 'n'], 3]);
    expect(foldNegate(sizes, vector(Infinity))).toBeUndefined();
  });
  test('broadcasts', () => {
    const column: KnownValue = { shape: [2, 1], contents: ['n', 10] };
    expect(foldPairwise(sizes, sumOfTwo, column, vector(1, 2, 3))).toEqual([
      ['+', 'n', 1],
      ['+', 'n', 2],
      ['+', 'n', 3],
      11,
      12,
      13,
    ]);
    expect(foldPairwise(sizes, sumOfTwo, vector(), vector(1))).toEqual([]);
  });
  test('Where chooses where the condition is decided or does not matter', () => {
    const equalsOne = foldPairwise(sizes, isEqual, vector(-1, 'tokens', 4), vector(-1))!;
    expect(equalsOne).toEqual([1, 0, 0]);
    expect(foldWhere(sizes, vector(...equalsOne), vector(1), vector(7, 'tokens', 9))).toEqual([
      1,
      'tokens',
      9,
    ]);
    expect(foldWhere(sizes, scalar('n'), scalar(1), scalar(2))).toBeUndefined();
    expect(foldWhere(sizes, scalar('n'), scalar('batch'), scalar('batch'))).toEqual(['batch']);
    expect(foldTruth(sizes, vector('tokens', 0, 5))).toEqual([1, 0, 1]);
    expect(foldTruth(sizes, vector('n'))).toBeUndefined();
  });
  test('reductions', () => {
    const matrix: KnownValue = { shape: [2, 3], contents: [1, 2, 3, 'n', 5, 6] };
    expect(foldReduce(sizes, productOfTwo, matrix, [1])).toEqual([6, ['*', 30, 'n']]);
    expect(foldReduce(sizes, sumOfTwo, matrix, [0])).toEqual([['+', 'n', 1], 7, 9]);
    expect(foldReduce(sizes, minimumOfTwo, vector(4, Infinity), [0])).toBeUndefined();
  });
});

test.each<[string, readonly Extent[], readonly Extent[], object, object | undefined]>([
  ['what is left', ['batch', 'tokens', 768], [0, 0, 12, -1], { shape: ['batch', 'tokens', 12, 64] }, {}],
  ['all in one', ['batch', 'tokens', 4], [-1], { shape: [['*', 4, ['*', 'batch', 'tokens']]] }, {}],
  ['joined sizes', ['batch', 12, 'tokens'], [sizes.product('batch', 12), 'tokens'], {}, {}],
  [
    'a run decides',
    ['batch', 'tokens'],
    ['n', -1],
    { contradiction: [['*', 'batch', 'tokens'], 'n'] },
    undefined,
  ],
  ['a half', ['tokens'], [2, -1], { undecided: [['tokens', ['*', 2, ['floor/', 'tokens', 2]]]] }, {}],
  [
    'never',
    ['tokens', 4],
    [-1, 3, 4],
    {
      undecided: [
        [
          ['*', 4, 'tokens'],
          ['*', 12, ['floor/', 'tokens', 3]],
        ],
      ],
    },
    {},
  ],
  ['wrong counts', [2, 3], [5], { contradiction: [6, 5] }, undefined],
  ['wrong divisors', [7], [2, -1], { contradiction: [7, 2] }, undefined],
  ['sizes of two runs', ['tokens'], ['n'], { shape: ['n'], undecided: [['tokens', 'n']] }, {}],
])('Reshape: %s', (_what, from, target, want) => {
  expect(reshapedShape(sizes.scope, from, target)).toMatchObject(want);
});

test('Reshape to zero elements', () => {
  expect(reshapedShape(sizes.scope, [0, 4], [0, -1], { allowZero: true })).toEqual({ contradiction: [0, 0] });
  expect(reshapedShape(sizes.scope, [0, 4], [4, 0], { allowZero: true })).toEqual({
    shape: [4, 0],
    undecided: [],
  });
  expect(reshapedShape(sizes.scope, [3, 4], [0, 4])).toEqual({ shape: [3, 4], undecided: [] });
});

test.each<[readonly (readonly Extent[])[], object]>([
  [[['batch', 1, 64], ['tokens', 64], []], { shape: ['batch', 'tokens', 64], undecided: [] }],
  [
    [
      ['tokens', 64],
      ['n', 64],
    ],
    { shape: ['tokens', 64], undecided: [['tokens', 'n']] },
  ],
  [[['n'], [8]], { shape: [8], undecided: [['n', 8]] }],
  [[['n'], [10]], { contradiction: ['n', 10] }],
  [[[2], [3]], { contradiction: [2, 3] }],
  [[], { shape: [], undecided: [] }],
])('%j broadcast to %j', (shapes, want) => {
  expect(broadcastShapes(sizes.scope, shapes)).toEqual(want);
});

describe('symbols of a file that must be equal', () => {
  const symbols = { a: { max: 64, multipleOf: 4 }, b: { min: 3, max: 100, multipleOf: 6 }, c: { max: 512 } };
  test('become one with what both allow', () => {
    expect(unify(symbols, 'a', 'b')).toEqual({
      symbols: { b: { min: 3, max: 64, multipleOf: 12 }, c: { max: 512 } },
      replacements: { a: 'b' },
    });
    expect(unify(symbols, ['+', 'a', 0], 'a')).toEqual({ symbols, replacements: {} });
  });
  test('give way to a size in their range, on either side', () => {
    const { a, b, c } = symbols;
    expect(unify(symbols, 'b', 12)).toEqual({ symbols: { a, c }, replacements: { b: 12 } });
    expect(unify(symbols, ['*', 4, 'b'], 'c')).toEqual({
      symbols: { a, b },
      replacements: { c: ['*', 4, 'b'] },
    });
  });
  test.each<[Extent, Extent]>([
    ['a', 5], // not a multiple of 4
    ['b', 2],
    ['c', ['*', 'a', 'b']], // may be too large
    ['c', ['+', 'c', 'a']],
    [
      ['+', 'a', 'b'],
      ['*', 'a', 'b'],
    ],
  ])('stay where %j is not %j', (left, right) => {
    expect(unify(symbols, left, right)).toBeUndefined();
  });
  test('stay where their ranges have nothing in common', () => {
    expect(unify({ a: { max: 4 }, b: { min: 5, max: 9 } }, 'a', 'b')).toBeUndefined();
  });
});
