// Everything that can be done with the sizes of a graph, for those who read graphs from files, fold contents, or test.
import { type Extent, TilewrightError } from '@tilewright/kernels';
import {
  boundsOfSize,
  type Decision,
  divides,
  factorOf,
  fixedSize,
  isAtMost,
  isEqual,
  productOf,
  quotientOf,
  sumOf,
} from './decide.ts';
import { extremum } from './extremum.ts';
import { add, type Interval, multiply, numberOf, type Polynomial, scale, subtract } from './polynomial.ts';
import { floorDivide } from './quotient.ts';
import { type ExtentScope, extentScope, type SymbolRanges } from './scope.ts';

/**
 * Sizes over the symbols of one graph. Every function takes any tree and returns its normal form: a sum of products of
 * symbols, ⌊p/c⌋, min and max. Equal normal forms are one object, and two algebras of equal symbols give equal trees. Where a
 * minimum stands in a maximum or the other way round, equal sizes may keep different forms, and are then undecided.
 * Throws `bad-graph` for a symbol that the graph has not, and for sizes beyond 2⁵³ or of more than 1000 parts.
 */
export interface ExtentAlgebra {
  readonly scope: ExtentScope;
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
  const scope = extentScope(symbols);
  const { extentOf, known } = scope;
  const read = (e: Extent): Polynomial => {
    if (typeof e !== 'object') return scope.polynomialOf(e);
    let p = known.get(e);
    if (!p) {
      p = combine(e[0], read(e[1]), read(e[2]));
      known.set(e, p);
    }
    return p;
  };
  /** After it, a tree is known to the scope. */
  const learned = (e: Extent): Extent => {
    if (typeof e === 'object') read(e);
    return e;
  };
  const floored = (p: Polynomial, divisor: number): Polynomial => {
    if (!Number.isSafeInteger(divisor) || divisor === 0) throw badDivisor(String(divisor));
    return divisor > 0 ? floorDivide(p, divisor) : floorDivide(scale(p, -1), -divisor);
  };
  return Object.freeze<ExtentAlgebra>({
    scope,
    normalize: (e) => (typeof e === 'number' ? e : extentOf(read(e))),
    numberOf: (e) => fixedSize(scope, learned(e)),
    sum: (...parts) => sumOf(scope, ...parts.map(learned)),
    difference: (a, b) => extentOf(subtract(read(a), read(b))),
    product: (...factors) => productOf(scope, ...factors.map(learned)),
    floorQuotient: (a, divisor) => extentOf(floored(read(a), divisor)),
    ceilQuotient: (a, divisor) => extentOf(scale(floored(scale(read(a), -1), divisor), -1)),
    modulo: (a, divisor) => extentOf(subtract(read(a), scale(floored(read(a), divisor), divisor))),
    minimum: (...operands) => extentOf(extremum('min', operands.map(read))),
    maximum: (...operands) => extentOf(extremum('max', operands.map(read))),
    divides: (divisor, a) => divides(scope, learned(divisor), learned(a)),
    quotient: (a, divisor) => quotientOf(scope, learned(a), learned(divisor)),
    factorOf: (e) => factorOf(scope, learned(e)),
    bounds: (e) => boundsOfSize(scope, learned(e)),
    equal: (a, b) => isEqual(scope, learned(a), learned(b)),
    atMost: (a, b) => isAtMost(scope, learned(a), learned(b)),
    substitute(e, replacements) {
      const done = new Map<Extent, Polynomial>();
      const replace = (part: Extent): Polynomial => {
        if (typeof part === 'string') return read(replacements[part] ?? part);
        if (typeof part === 'number') return read(part);
        let p = done.get(part);
        if (!p) {
          p = combine(part[0], replace(part[1]), replace(part[2]));
          done.set(part, p);
        }
        return p;
      };
      return extentOf(replace(e));
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

const badDivisor = (divisor: number | string): TilewrightError =>
  new TilewrightError('bad-graph', {
    subject: 'extent',
    problem: `a size is divided by ${divisor}`,
    requirement: 'quotients of sizes have positive integers below the bar',
    fix: 'divide by a number, or take the quotient where it is exact',
  });
