// What is known of sizes for all runs.
import type { Extent } from '@tilewright/kernels';
import { boundsOf, divisorOf, exactQuotient, lowerBound } from './bounds.ts';
import {
  add,
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
import type { ExtentScope } from './scope.ts';

/** `yes`: for all sizes of the symbols. `no`: for none. `undecided`: it depends on them, or is beyond this algebra. */
export type Decision = 'yes' | 'no' | 'undecided';

export const sumOf = (scope: ExtentScope, ...parts: readonly Extent[]): Extent =>
  scope.extentOf(add(...parts.map(scope.polynomialOf)));

export const productOf = (scope: ExtentScope, ...factors: readonly Extent[]): Extent =>
  scope.extentOf(factors.map(scope.polynomialOf).reduce(multiply, constant(1)));

/** The extent x with `divisor · x = a` for all sizes; undefined where there is none. */
export function quotientOf(scope: ExtentScope, a: Extent, divisor: Extent): Extent | undefined {
  const quotient = exactQuotient(scope.polynomialOf(a), scope.polynomialOf(divisor));
  return quotient && scope.extentOf(quotient);
}

/** The largest integer known to divide every value: 4 for `4·n`; 0 for 0. */
export const factorOf = (scope: ExtentScope, e: Extent): number => divisorOf(scope.polynomialOf(e));

/** The number that a size always is; undefined where it varies. */
export const fixedSize = (scope: ExtentScope, e: Extent): number | undefined =>
  typeof e === 'number' ? e : numberOf(scope.polynomialOf(e));

/** Values that a size cannot be beyond, not always tight. */
export const boundsOfSize = (scope: ExtentScope, e: Extent): Interval => boundsOf(scope.polynomialOf(e));

export function isEqual(scope: ExtentScope, a: Extent, b: Extent): Decision {
  return a === b ? 'yes' : decideZero(subtract(scope.polynomialOf(a), scope.polynomialOf(b)));
}

export function isAtMost(scope: ExtentScope, a: Extent, b: Extent): Decision {
  const gap = subtract(scope.polynomialOf(b), scope.polynomialOf(a));
  if (lowerBound(gap) >= 0) return 'yes';
  return lowerBound(scale(gap, -1)) > 0 ? 'no' : 'undecided';
}

/** Whether `divisor · x = a` has an integer solution for all sizes, for none, or for some. */
export const divides = (scope: ExtentScope, divisor: Extent, a: Extent): Decision =>
  decideDivision(scope.polynomialOf(divisor), scope.polynomialOf(a));

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
