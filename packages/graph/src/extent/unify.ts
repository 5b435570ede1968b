// Symbols that must be equal become one.
import type { Extent } from '@tilewright/kernels';
import { type ExtentAlgebra, extentAlgebra } from './algebra.ts';
import { greatestDivisor } from './polynomial.ts';
import type { SymbolRange, SymbolRanges } from './scope.ts';

/** Fewer symbols, and what to put in the place of those that are gone. */
export interface Unification {
  readonly symbols: SymbolRanges;
  readonly replacements: Readonly<Record<string, Extent>>;
}

/**
 * Makes two sizes equal by replacing one symbol: by another, whose range becomes what both ranges allow, or by a size that lies
 * in the symbol's range anyway. Undefined where that is not possible: the sizes differ, or one symbol does not settle it.
 */
export function unify(symbols: SymbolRanges, a: Extent, b: Extent): Unification | undefined {
  const sizes = extentAlgebra(symbols);
  const [left, right] = [sizes.normalize(a), sizes.normalize(b)];
  if (left === right) return { symbols, replacements: {} };
  for (const [symbol, size] of [
    [left, right],
    [right, left],
  ] as const) {
    if (typeof symbol !== 'string' || mentions(size, symbol)) continue;
    const { [symbol]: range, ...others } = symbols;
    if (typeof size === 'string') {
      const merged = intersection(range!, symbols[size]!);
      return merged && { symbols: { ...others, [size]: merged }, replacements: { [symbol]: size } };
    }
    if (fits(sizes, size, range!)) return { symbols: others, replacements: { [symbol]: size } };
  }
  return undefined;
}

const mentions = (e: Extent, symbol: string): boolean =>
  typeof e === 'object' ? mentions(e[1], symbol) || mentions(e[2], symbol) : e === symbol;

function intersection(a: SymbolRange, b: SymbolRange): SymbolRange | undefined {
  const [one, other] = [a.multipleOf ?? 1, b.multipleOf ?? 1];
  const multipleOf = (one / greatestDivisor([one, other])) * other;
  const min = Math.max(a.min ?? 0, b.min ?? 0);
  const max = Math.min(a.max, b.max);
  return Math.ceil(min / multipleOf) <= Math.floor(max / multipleOf) ? { min, max, multipleOf } : undefined;
}

const fits = (sizes: ExtentAlgebra, size: Extent, { min = 0, max, multipleOf = 1 }: SymbolRange): boolean =>
  sizes.atMost(min, size) === 'yes' &&
  (max === Infinity || sizes.atMost(size, max) === 'yes') &&
  sizes.factorOf(size) % multipleOf === 0;
