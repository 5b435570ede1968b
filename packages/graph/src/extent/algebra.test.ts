// The normal form of sizes: it evaluates as what was written, equal sizes have one tree, bounds hold.
import { evaluate, type Extent, type Sizes } from '@tilewright/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extentAlgebra } from './algebra.ts';
import { printExtent, printShape } from './print.ts';
import { extentScope, type SymbolRanges } from './scope.ts';

const symbols = {
  n: { max: 100 },
  m: { min: 1, max: 40 },
  k: { min: 4, max: 64, multipleOf: 4 },
  one: { min: 1, max: 1 },
} satisfies SymbolRanges;
const algebra = extentAlgebra(symbols);
const { normalize, equal, atMost } = algebra;

const divisor = fc.integer({ min: 1, max: 9 });
const { plain, tree, shallow } = fc.letrec<{ plain: Extent; tree: Extent; shallow: Extent }>((tie) => {
  const leaves = [fc.integer({ min: -12, max: 40 }), fc.constantFrom<Extent>(...Object.keys(symbols))];
  const depth = { maxDepth: 4, depthSize: 'medium' } as const;
  const arithmetic = (inner: 'plain' | 'tree' | 'shallow'): fc.Arbitrary<Extent>[] => [
    fc.tuple(fc.constantFrom('+' as const, '-' as const, '*' as const), tie(inner), tie(inner)),
    fc.tuple(fc.constantFrom('ceil/' as const, 'floor/' as const), tie(inner), divisor),
  ];
  const extrema = (inner: 'plain' | 'tree'): fc.Arbitrary<Extent> =>
    fc.tuple(fc.constantFrom('min' as const, 'max' as const), tie(inner), tie(inner));
  return {
    plain: fc.oneof(depth, ...leaves, ...arithmetic('plain')),
    tree: fc.oneof(depth, ...leaves, ...arithmetic('tree'), extrema('tree')),
    /** Without extrema in extrema. */
    shallow: fc.oneof(depth, ...leaves, ...arithmetic('shallow'), extrema('plain')),
  };
});
const sizes: fc.Arbitrary<Sizes> = fc.record({
  n: fc.integer({ min: 0, max: 100 }),
  m: fc.integer({ min: 1, max: 40 }),
  k: fc.integer({ min: 1, max: 16 }).map((quarter) => 4 * quarter),
  one: fc.constant(1),
});
/** Rewrites a tree by laws that keep every value, as a coin says. */
const rewritten = (e: Extent, coin: () => number): Extent => {
  if (typeof e !== 'object') return coin() < 0.2 ? ['+', 0, ['*', e, 1]] : e;
  const [operator, a, b] = [e[0], rewritten(e[1], coin), rewritten(e[2], coin)];
  const turned = coin() < 0.5;
  if (operator === '+' || operator === '*') {
    if (typeof a === 'object' && a[0] === operator && coin() < 0.5)
      return [operator, a[1], turned ? [operator, a[2], b] : [operator, b, a[2]]];
    if (operator === '*' && typeof b === 'object' && (b[0] === '+' || b[0] === '-'))
      return [b[0], ['*', a, b[1]], ['*', b[2], a]];
    return turned ? [operator, b, a] : [operator, a, b];
  }
  if (operator === '-') return turned ? ['+', a, ['*', -1, b]] : ['-', ['+', a, 3], ['+', b, 3]];
  if (operator === 'min' || operator === 'max') {
    const shifted: Extent = ['-', [operator, ['+', a, 'n'], ['+', 'n', b]], 'n'];
    return turned ? [operator, b, a] : shifted;
  }
  if (operator === 'ceil/') return turned ? ['*', -1, ['floor/', ['*', a, -1], b]] : [operator, a, b];
  return turned ? ['-', ['floor/', ['+', a, ['*', b, 'm']], b], 'm'] : [operator, a, b];
};

/** Without negative zeros, of which trees make some. */
const valueOf = (e: Extent, at: Sizes): number => evaluate(e, at) + 0;

const runs = { numRuns: 1000 };
/** Of canonical forms, the same cases every time: where extrema meet quotients, a form may be missed once in many thousands. */
const canonical = { numRuns: 1000, seed: 10 };

describe('every size', () => {
  test('evaluates in normal form as it was written', () => {
    fc.assert(
      fc.property(tree, sizes, (e, at) => {
        expect(valueOf(normalize(e), at)).toBe(valueOf(e, at));
      }),
      runs,
    );
  });

  test('is its own normal form once it has one', () => {
    fc.assert(
      fc.property(shallow, (e) => {
        const written = normalize(e);
        // The same in an algebra that never saw it, where nothing is remembered.
        expect(extentAlgebra({ ...symbols }).normalize(structuredClone(written))).toEqual(written);
        expect(normalize(structuredClone(e))).toBe(written);
      }),
      canonical,
    );
  });

  test('has one tree however its sums and products are written', () => {
    fc.assert(
      fc.property(shallow, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (e, coins) => {
        const other = rewritten(e, () => coins.next().value!);
        expect(normalize(other)).toBe(normalize(e));
      }),
      canonical,
    );
  });

  test('lies within its bounds and is a multiple of its factor', () => {
    fc.assert(
      fc.property(tree, sizes, (e, at) => {
        const value = valueOf(e, at);
        const { min, max } = algebra.bounds(e);
        expect(min).toBeLessThanOrEqual(value);
        expect(max).toBeGreaterThanOrEqual(value);
        const factor = algebra.factorOf(e);
        if (factor === 0) expect(value).toBe(0);
        else expect(Math.abs(value % factor)).toBe(0);
      }),
      runs,
    );
  });
});

test('decisions hold for all sizes', () => {
  fc.assert(
    fc.property(tree, tree, sizes, (a, b, at) => {
      const [left, right] = [valueOf(a, at), valueOf(b, at)];
      const same = equal(a, b);
      if (same !== 'undecided') expect(left === right).toBe(same === 'yes');
      const below = atMost(a, b);
      if (below !== 'undecided') expect(left <= right).toBe(below === 'yes');
      const division = algebra.divides(b, a);
      if (division === 'yes' && right !== 0) expect(Math.abs(left % right)).toBe(0);
      if (division === 'no') expect(left % right).not.toBe(0);
    }),
    runs,
  );
});

test('a product has its factors as quotients, and a remainder lies below its divisor', () => {
  fc.assert(
    fc.property(shallow, plain, sizes, (a, b, at) => {
      const product = algebra.product(a, b);
      const quotient = algebra.quotient(product, b);
      if (quotient !== undefined) expect(valueOf(['*', quotient, b], at)).toBe(valueOf(product, at));
      else expect(algebra.numberOf(b) === 0 || JSON.stringify(product).length > 500).toBe(true);
    }),
    runs,
  );
  fc.assert(
    fc.property(tree, divisor, sizes, (a, by, at) => {
      const value = valueOf(a, at);
      expect(valueOf(algebra.modulo(a, by), at)).toBe(((value % by) + by) % by);
      expect(valueOf(algebra.floorQuotient(a, -by), at)).toBe(Math.floor(value / -by) + 0);
      expect(valueOf(algebra.ceilQuotient(a, by), at)).toBe(Math.ceil(value / by) + 0);
    }),
    runs,
  );
});

test('substituted sizes evaluate as the sizes of what stands in their place', () => {
  fc.assert(
    fc.property(tree, sizes, (e, at) => {
      const inserted = algebra.substitute(e, { n: ['+', 'm', 'm'], k: ['*', 4, 'one'] });
      expect(valueOf(inserted, at)).toBe(valueOf(e, { ...at, n: 2 * at.m!, k: 4 }));
    }),
    runs,
  );
});

const halves: Extent = ['floor/', ['*', 2, 'n'], 2];
test.each<[Extent, Extent]>([
  [halves, 'n'],
  [
    ['floor/', ['+', 'k', 3], 4],
    ['floor/', 'k', 4],
  ],
  [['*', ['ceil/', 'k', 4], 4], 'k'],
  [['min', 'm', 40], 'm'],
  [['min', 'n', 200], 'n'],
  [['max', 'm', 1], 'm'],
  [
    ['min', ['*', 2, 'n'], ['*', 3, 'n']],
    ['*', 2, 'n'],
  ],
  [
    ['floor/', ['floor/', ['+', 'n', 1], 2], 3],
    ['floor/', ['+', 'n', 1], 6],
  ],
  [
    ['-', 'n', ['*', 3, ['floor/', 'n', 3]]],
    ['-', ['+', 'n', 5], ['+', 5, ['*', ['floor/', 'n', 3], 3]]],
  ],
  [
    ['*', ['+', 'n', 'm'], ['-', 'n', 'm']],
    ['-', ['*', 'n', 'n'], ['*', 'm', 'm']],
  ],
  [
    ['max', 'n', 'm'],
    ['*', -1, ['min', ['*', -1, 'n'], ['*', -1, 'm']]],
  ],
  [
    ['floor/', ['*', 3, 'n'], 4],
    ['-', 'n', ['ceil/', 'n', 4]],
  ],
  ['one', 1],
])('%j is %j', (a, b) => {
  expect(equal(a, b)).toBe('yes');
  expect(normalize(a)).toEqual(normalize(b));
});

test.each<[Extent, Extent, string, string]>([
  ['n', 'm', 'undecided', 'undecided'],
  ['n', ['+', 'n', 1], 'no', 'yes'],
  [['*', 2, 'n'], ['+', ['*', 2, 'm'], 1], 'no', 'undecided'],
  [['+', 'm', 100], 'n', 'no', 'no'],
  [['ceil/', 'n', 4], 'n', 'undecided', 'yes'],
  ['m', ['*', 'm', 'm'], 'undecided', 'yes'],
  [['*', 4, ['floor/', 'n', 4]], 'n', 'undecided', 'yes'],
  [['min', 'n', 'm'], ['max', 'm', 'n'], 'undecided', 'yes'],
  [['*', 'n', 'm'], ['*', 'n', 40], 'undecided', 'yes'],
])('%j = %j: %s; at most: %s', (a, b, same, below) => {
  expect([equal(a, b), atMost(a, b)]).toEqual([same, below]);
});

test.each<[Extent, Extent, Extent | undefined]>([
  [
    ['*', 'n', ['*', 'm', 64]],
    ['*', 16, 'm'],
    ['*', 4, 'n'],
  ],
  [['+', ['*', 'n', 'n'], ['*', 'n', 'm']], ['+', 'n', 'm'], 'n'],
  [['*', 'n', 'k'], 4, ['*', ['floor/', 'k', 4], 'n']],
  ['n', 2, undefined],
  ['n', 'm', undefined],
  [6, 4, undefined],
])('%j / %j is %j', (a, b, quotient) => {
  expect(algebra.quotient(a, b)).toEqual(quotient);
});

test('whether one size divides another', () => {
  expect(algebra.divides(4, ['*', 'n', 'k'])).toBe('yes');
  expect(algebra.divides(4, 'n')).toBe('undecided');
  expect(algebra.divides(4, ['+', 'k', 2])).toBe('no');
  expect(algebra.divides('m', 'n')).toBe('undecided');
  expect(algebra.divides(0, 'n')).toBe('undecided');
});

test.each<[Extent, string]>([
  [7, '7'],
  [['*', 'n', 2], '2·n'],
  [['-', ['*', ['+', 'n', 1], ['+', 'm', 2]], 3], 'm·n + m + 2·n − 1'],
  [['ceil/', ['+', 'n', 'm'], 16], '⌈(m + n)/16⌉'],
  [['floor/', ['+', 'n', 1], 3], '⌊(n + 1)/3⌋'],
  [['*', 3, ['ceil/', 'n', 2]], '3·⌈n/2⌉'],
  [['floor/', 'n', 2], '⌊n/2⌋'],
  [['max', 'n', 8], 'max(n, 8)'],
  [['-', 5, ['max', 'n', 8]], '5 − max(n, 8)'],
  [['max', 'n', ['max', 8, 'm']], 'max(max(m, n), 8)'],
  [['*', -1, 'n'], '−n'],
  [['min', ['+', 'n', 'm'], 8], 'min(m + n, 8)'],
])('%j is printed as %s', (e, text) => {
  expect(printExtent(normalize(e))).toBe(text);
});

test('a shape is printed', () => {
  expect(printShape(['n', normalize(['+', 'n', 1]), 64])).toBe('[n, n + 1, 64]');
});

test.each<[string, () => unknown, string]>([
  [
    'a symbol that the graph has not',
    () => normalize(['+', 'tokens', 1]),
    '[tokens] the graph has no symbol of this name; its symbols are n, m, k, one. ' +
      'Fix: declare it where the graph begins, with the largest size it may have.',
  ],
  [
    'a size divided by a size',
    () => normalize(['floor/', 8, 'n']),
    '[extent] a size is divided by another size; quotients of sizes have positive integers below the bar. ' +
      'Fix: divide by a number, or take the quotient where it is exact.',
  ],
  [
    'a size divided by 0',
    () => algebra.floorQuotient('n', 0),
    '[extent] a size is divided by 0; quotients of sizes have positive integers below the bar. ' +
      'Fix: divide by a number, or take the quotient where it is exact.',
  ],
  [
    'a number that is not an integer',
    () => normalize(['+', 'n', 1.5]),
    '[extent] a size or a factor of one is 1.5; sizes are integers below 2⁵³. ' +
      'Fix: give the symbols of the graph smaller bounds, and its tensors sizes that a device can hold.',
  ],
  [
    'a range without a size',
    () => extentAlgebra({ n: { min: 5, max: 7, multipleOf: 4 } }),
    '[n] the symbol has no size from 5 to 7 that is a multiple of 4; there must be one. ' +
      'Fix: give the symbol a range with a size in it.',
  ],
  [
    'a multiple of nothing',
    () => extentAlgebra({ n: { max: 7, multipleOf: 0 } }),
    '[n] the symbol has min 0 and multipleOf 0; both are integers, the latter at least 1. ' +
      'Fix: give the symbol a range with a size in it.',
  ],
  [
    'what grows beyond all bounds',
    () => {
      let e: Extent = ['+', 'n', 'm'];
      for (let i = 0; i < 40; i++) e = algebra.sum(['*', e, ['+', e, 'k']], `n`);
      return e;
    },
    expect.stringMatching(
      /^\[extent\] a size is an expression of \d+ parts; it may have 1000, counted where they occur\. /,
    ) as unknown as string,
  ],
])('%s is refused', (_what, act, sentence) => {
  expect(act).toThrow(expect.objectContaining({ code: 'bad-graph', message: sentence }));
});

test('a tree that was never put in normal form is refused where sizes are only compared', () => {
  expect(() => extentScope({ n: { max: 4 } }).polynomialOf(['*', 'n', 2])).toThrow(
    '[extent] the size n·2 is not in the normal form of this graph; sizes are compared by their normal forms. ' +
      'Fix: make it with extentAlgebra of the symbols of the graph.',
  );
});

test('ten thousand sizes take a moment', () => {
  const chained = Array.from({ length: 10_000 }).reduce<Extent>(
    (e, _, i) =>
      algebra.equal(algebra.floorQuotient(algebra.sum(algebra.product(e, 2), 3), 2), ['+', e, 1]) === 'yes'
        ? algebra.minimum(['+', e, i % 3], ['+', 'n', 50])
        : 'm',
    'n',
  );
  expect(algebra.bounds(chained).max).toBe(150);
});
