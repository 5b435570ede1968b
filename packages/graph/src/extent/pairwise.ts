// Operations on two elements of contents, each by itself, so that a bundle has those that its operators fold by.
import type { Extent } from '@tilewright/kernels';
import type { ExtentAlgebra } from './algebra.ts';

/** A function of two elements; undefined where a run must say. */
export type Pairwise = (sizes: ExtentAlgebra, a: Extent, b: Extent) => Extent | undefined;

export const sumOfTwo: Pairwise = (sizes, a, b) => sizes.sum(a, b);
export const differenceOfTwo: Pairwise = (sizes, a, b) => sizes.difference(a, b);
export const productOfTwo: Pairwise = (sizes, a, b) => sizes.product(a, b);
export const minimumOfTwo: Pairwise = (sizes, a, b) => sizes.minimum(a, b);
export const maximumOfTwo: Pairwise = (sizes, a, b) => sizes.maximum(a, b);

/** Rounds towards zero, as `Div` of integers does; by a number, or exactly. */
export const quotientOfTwo: Pairwise = (sizes, a, b) => {
  const divisor = sizes.numberOf(b);
  if (divisor === 0) return undefined;
  const exact = sizes.quotient(a, b);
  if (exact !== undefined) return sizes.bounds(b).min > 0 || sizes.bounds(b).max < 0 ? exact : undefined;
  if (divisor === undefined) return undefined;
  const { min, max } = sizes.bounds(a);
  if (min >= 0) return divisor > 0 ? sizes.floorQuotient(a, divisor) : sizes.ceilQuotient(a, divisor);
  if (max <= 0) return divisor > 0 ? sizes.ceilQuotient(a, divisor) : sizes.floorQuotient(a, divisor);
  return undefined;
};

/** `Mod`: the sign is the divisor's, which is a number. */
export const moduloOfTwo: Pairwise = (sizes, a, b) => {
  const divisor = sizes.numberOf(b);
  return divisor === undefined || divisor === 0 ? undefined : sizes.modulo(a, divisor);
};

/** `Mod` with `fmod`: the sign is the dividend's. */
export const remainderOfTwo: Pairwise = (sizes, a, b) => {
  const quotient = quotientOfTwo(sizes, a, b);
  return quotient === undefined ? undefined : sizes.difference(a, sizes.product(quotient, b));
};

export const isEqual: Pairwise = (sizes, a, b) => truth[sizes.equal(a, b)];
export const isAtMost: Pairwise = (sizes, a, b) => truth[sizes.atMost(a, b)];
export const isAtLeast: Pairwise = (sizes, a, b) => isAtMost(sizes, b, a);
export const isLess: Pairwise = (sizes, a, b) => negate(isAtMost(sizes, b, a));
export const isGreater: Pairwise = (sizes, a, b) => negate(isAtMost(sizes, a, b));

export const isEither: Pairwise = (sizes, a, b) => {
  const [left, right] = [isEqual(sizes, a, 0), isEqual(sizes, b, 0)];
  if (left === 0 || right === 0) return 1;
  return left === 1 && right === 1 ? 0 : undefined;
};

export const isBoth: Pairwise = (sizes, a, b) => {
  const [left, right] = [isEqual(sizes, a, 0), isEqual(sizes, b, 0)];
  if (left === 1 || right === 1) return 0;
  return left === 0 && right === 0 ? 1 : undefined;
};

const truth = { yes: 1, no: 0, undecided: undefined } as const;
export const negate = (value: Extent | undefined): Extent | undefined =>
  value === undefined ? undefined : value === 1 ? 0 : 1;
