// Sizes of a graph: the trees of `@tilewright/kernels` in one normal form, so that equal sizes are equal trees.
import { type Extent, TilewrightError } from '@tilewright/kernels';
import { boundsOf, divisorOf, exactQuotient, lowerBound } from './bounds.ts';
import { extremum } from './extremum.ts';
import {
  add,
  atomic,
  constant,
  constantTerm,
  greatestDivisor,
  type Interval,
  multiply,
  numberOf,
  type Polynomial,
  scale,
  subtract,
} from './polynomial.ts';
import { floorDivide } from './quotient.ts';
import { treeOf } from './tree.ts';

/** What is known of a symbol in every run. */
export interface SymbolRange {
  /** Default 0. */
  readonly min?: number;
  readonly max: number;
  /** Every size it has is a multiple of this; default 1. */
  readonly multipleOf?: number;
}

export type SymbolRanges = Readonly<Record<string, SymbolRange>>;

/** `yes`: for all sizes of the symbols. `no`: for none. `undecided`: it depends on them, or is beyond this algebra. */
export type Decision = 'yes' | 'no' | 'undecided';

/**
 * Sizes over the symbols of one graph. Every function takes any tree and returns its normal form: a sum of products of
 * symbols, ⌊p/c⌋, min and max. Equal normal forms are one object, and two algebras of equal symbols give equal trees. Where a
 * minimum stands in a maximum or the other way round, equal sizes may keep different forms, and are then undecided.
 * Throws `bad-graph` for a symbol that the graph has not, and for sizes beyond 2⁵³ or of more than 1000 parts.
 */
export interface ExtentAlgebra {
  readonly symbols: SymbolRanges;
  normalize(e: Extent): Extent;
  /** The number that an extent always is; undefined where it varies. */
  numberOf(e: Extent): number | undefined;
  sum(...parts: readonly Extent[]): Extent;
  difference(a: Extent, b: Extent): Extent;
  product(...factors: readonly Extent[]): Extent;
  /** `⌊a / divisor⌋`; the divisor is an integer, not 0. */
  floorQuotient(a: Extent, divisor: number): Extent;
  ceilQuotient(a: Extent, divisor: number): Extent;
  /** `a − divisor · ⌊a / divisor⌋`: the sign is the divisor's. */
  modulo(a: Extent, divisor: number): Extent;
  minimum(...operands: readonly Extent[]): Extent;
  maximum(...operands: readonly Extent[]): Extent;
  /** Whether `divisor · x = a` has an integer solution for all sizes (where the divisor is not 0), for none, or for some. */
  divides(divisor: Extent, a: Extent): Decision;
  /** The extent x with `divisor · x = a` for all sizes; undefined where there is none. */
  quotient(a: Extent, divisor: Extent): Extent | undefined;
  /** The largest integer known to divide every value: 4 for `4·n`; 0 for 0. */
  factorOf(e: Extent): number;
  /** Values that it cannot be beyond, not always tight. */
  bounds(e: Extent): Interval;
  equal(a: Extent, b: Extent): Decision;
  atMost(a: Extent, b: Extent): Decision;
  /** With extents in the place of symbols. */
  substitute(e: Extent, replacements: Readonly<Record<string, Extent>>): Extent;
}

/** Sizes over some symbols. Throws `bad-graph` for ranges that no size fits. */
export function extentAlgebra(symbols: SymbolRanges): ExtentAlgebra {
  const known = algebras.get(symbols);
  if (known) return known;
  const algebra = createAlgebra(symbols);
  algebras.set(symbols, algebra);
  return algebra;
}

const algebras = /* @__PURE__ */ new WeakMap<SymbolRanges, ExtentAlgebra>();

function createAlgebra(symbols: SymbolRanges): ExtentAlgebra {
  const ofSymbol = new Map(Object.entries(symbols).map(([name, range]) => [name, symbolOf(name, range)]));
  const trees = new Map<string, Extent>();
  const polynomials = new WeakMap<object, Polynomial>();

  const treeFor = (p: Polynomial): Extent => {
    const number = numberOf(p);
    if (number !== undefined) return number;
    const known = trees.get(p.key);
    if (known !== undefined) return known;
    const tree = treeOf(p);
    trees.set(p.key, tree);
    if (typeof tree === 'object') polynomials.set(tree, p);
    return tree;
  };
  const read = (e: Extent): Polynomial => {
    if (typeof e === 'number') return constant(e);
    if (typeof e === 'string') {
      const symbol = ofSymbol.get(e);
      if (!symbol) throw unknownSymbol(e, symbols);
      return symbol;
    }
    let p = polynomials.get(e);
    if (!p) {
      p = combine(e[0], read(e[1]), read(e[2]));
      polynomials.set(e, p);
    }
    return p;
  };
  const difference = (a: Extent, b: Extent): Polynomial => subtract(read(a), read(b));
  const floored = (p: Polynomial, divisor: number): Polynomial => {
    if (!Number.isSafeInteger(divisor) || divisor === 0) throw badDivisor(String(divisor));
    return divisor > 0 ? floorDivide(p, divisor) : floorDivide(scale(p, -1), -divisor);
  };

  return Object.freeze<ExtentAlgebra>({
    symbols,
    normalize: (e) => (typeof e === 'number' ? e : treeFor(read(e))),
    numberOf: (e) => (typeof e === 'number' ? e : numberOf(read(e))),
    sum: (...parts) => treeFor(add(...parts.map(read))),
    difference: (a, b) => treeFor(difference(a, b)),
    product: (...factors) => treeFor(factors.map(read).reduce(multiply, constant(1))),
    floorQuotient: (a, divisor) => treeFor(floored(read(a), divisor)),
    ceilQuotient: (a, divisor) => treeFor(scale(floored(scale(read(a), -1), divisor), -1)),
    modulo: (a, divisor) => treeFor(subtract(read(a), scale(floored(read(a), divisor), divisor))),
    minimum: (...operands) => treeFor(extremum('min', operands.map(read))),
    maximum: (...operands) => treeFor(extremum('max', operands.map(read))),
    divides: (divisor, a) => decideDivision(read(divisor), read(a)),
    quotient(a, divisor) {
      const quotient = exactQuotient(read(a), read(divisor));
      return quotient && treeFor(quotient);
    },
    factorOf: (e) => divisorOf(read(e)),
    bounds: (e) => boundsOf(read(e)),
    equal(a, b) {
      if (a === b) return 'yes';
      return decideZero(difference(a, b));
    },
    atMost(a, b) {
      const gap = difference(b, a);
      if (lowerBound(gap) >= 0) return 'yes';
      return lowerBound(scale(gap, -1)) > 0 ? 'no' : 'undecided';
    },
    substitute(e, replacements) {
      const done = new Map<Extent, Polynomial>();
      const replace = (part: Extent): Polynomial => {
        if (typeof part === 'number') return constant(part);
        if (typeof part === 'string') return read(replacements[part] ?? part);
        let p = done.get(part);
        if (!p) {
          p = combine(part[0], replace(part[1]), replace(part[2]));
          done.set(part, p);
        }
        return p;
      };
      return treeFor(replace(e));
    },
  });
}

function combine(operator: Exclude<Extent, number | string>[0], a: Polynomial, b: Polynomial): Polynomial {
  switch (operator) {
    case '+':
      return add(a, b);
    case '-':
      return subtract(a, b);
    case '*':
      return multiply(a, b);
    case 'min':
    case 'max':
      return extremum(operator, [a, b]);
    case 'floor/':
    case 'ceil/': {
      const divisor = numberOf(b);
      if (divisor === undefined || divisor <= 0) throw badDivisor(divisor ?? 'another size');
      return operator === 'floor/' ? floorDivide(a, divisor) : scale(floorDivide(scale(a, -1), divisor), -1);
    }
  }
}

function symbolOf(name: string, { min = 0, max, multipleOf = 1 }: SymbolRange): Polynomial {
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(multipleOf) || multipleOf < 1)
    throw badRange(
      name,
      `min ${min} and multipleOf ${multipleOf}`,
      'both are integers, the latter at least 1',
    );
  const first = Math.ceil(min / multipleOf);
  const last = Math.floor(max / multipleOf);
  if (!(first <= last))
    throw badRange(
      name,
      `no size from ${min} to ${max} that is a multiple of ${multipleOf}`,
      'there must be one',
    );
  if (first === last) return constant(first * multipleOf);
  const unit = atomic({
    kind: 'symbol',
    name,
    unit: multipleOf,
    key: `${JSON.stringify(name)}${multipleOf === 1 ? '' : `/${multipleOf}`}`,
    size: 1,
    min: first,
    max: last,
  });
  return scale(unit, multipleOf);
}

/** Whether a polynomial is 0: by its terms, its bounds, and by a divisor of all that varies. */
function decideZero(p: Polynomial): Decision {
  if (p.terms.length === 0) return 'yes';
  const offset = constantTerm(p);
  const divisor = greatestDivisor(
    p.terms.filter(({ key }) => key !== '').map(({ coefficient }) => coefficient),
  );
  if (divisor === 0 || offset % divisor !== 0) return 'no';
  return lowerBound(p) > 0 || lowerBound(scale(p, -1)) > 0 ? 'no' : 'undecided';
}

function decideDivision(divisor: Polynomial, a: Polynomial): Decision {
  if (exactQuotient(a, divisor)) return 'yes';
  const number = numberOf(divisor);
  if (number === undefined || number === 0) return 'undecided';
  const varying = a.terms.filter(({ key }) => key !== '').map(({ coefficient }) => coefficient);
  // Where the divisor's part in what varies does not divide the constant, nothing can.
  return constantTerm(a) % greatestDivisor([number, ...varying]) !== 0 ? 'no' : 'undecided';
}

const unknownSymbol = (name: string, symbols: SymbolRanges): TilewrightError =>
  new TilewrightError('bad-graph', {
    subject: name,
    problem: 'the graph has no symbol of this name',
    requirement: `its symbols are ${Object.keys(symbols).join(', ') || 'none'}`,
    fix: 'declare it where the graph begins, with the largest size it may have',
  });

const badDivisor = (divisor: number | string): TilewrightError =>
  new TilewrightError('bad-graph', {
    subject: 'extent',
    problem: `a size is divided by ${divisor}`,
    requirement: 'quotients of sizes have positive integers below the bar',
    fix: 'divide by a number, or take the quotient where it is exact',
  });

const badRange = (name: string, problem: string, requirement: string): TilewrightError =>
  new TilewrightError('bad-graph', {
    subject: name,
    problem: `the symbol has ${problem}`,
    requirement,
    fix: 'give the symbol a range with a size in it',
  });
