import { scaleInF16 } from '../../numbers/float16.ts';
import type { CodeBits } from '../codes.ts';

/** The numbers that a group of integer codes can stand for: `(code - zero) · scale`, codes 0 to `2^bits - 1`. */
export interface Grid {
  /** Exact in f16; 0 where every number of the group is stored as zero. May be negative. */
  readonly scale: number;
  readonly zero: number;
}

export interface GridConfig {
  readonly bits: CodeBits;
  /** True to store a zero point for each group, which suits weights that are not centred. */
  readonly zeroPoint: boolean;
  /**
   * `extreme`: the scale puts the extreme values at the ends of the codes, nothing is cut off. Symmetric grids reach one
   * step further down than up, so the scale takes the sign that gives the largest magnitude that step.
   * `search`: of that scale and smaller and larger ones, of either sign, the one with the least squared error.
   */
  readonly scale: 'extreme' | 'search';
}

/** Factors on the extreme scale that a search tries: 0.5 cuts off half the range, 1.2 leaves room unused. */
const searchFactors: readonly number[] = Array.from({ length: 15 }, (_, i) => 0.5 + i / 20);

/** The largest weight whose group surely has a scale that f16 can hold, zero point or not. */
export const largestWeight = (bits: number): number => 65_504 * Math.max(2 ** (bits - 1) - 1, 0.5);

/**
 * The grid for `count` values from `values[start]` on.
 *
 * @param importance the weight of each value's squared error in a search, where given.
 */
export function fitGrid(
  values: Float64Array,
  start: number,
  count: number,
  config: GridConfig,
  importance?: Float64Array,
): Grid {
  const topCode = 2 ** config.bits - 1;
  const symmetricZero = 2 ** (config.bits - 1);
  // Zero is always among the numbers, so that pruned and padded columns have a code.
  let low = 0;
  let high = 0;
  for (let i = start; i < start + count; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const extremeScale = config.zeroPoint
    ? (high - low) / topCode
    : (high > -low ? -high : 0 - low) / symmetricZero;
  const gridOf = (scale: number): Grid => {
    const rounded = scaleInF16(scale);
    if (!config.zeroPoint) return { scale: rounded, zero: symmetricZero };
    const zero = rounded === 0 ? 0 : Math.min(topCode, Math.round((0 - low) / rounded));
    return { scale: rounded, zero };
  };
  const extreme = gridOf(extremeScale);
  if (config.scale === 'extreme') return extreme;

  let best = extreme;
  let least = squaredError(values, start, count, extreme, topCode, Infinity, importance);
  for (const sign of config.zeroPoint ? [1] : [1, -1]) {
    for (const factor of searchFactors) {
      if (config.zeroPoint && factor > 1) break;
      const grid = gridOf(sign * factor * extremeScale);
      if (!Number.isFinite(grid.scale)) continue;
      const error = squaredError(values, start, count, grid, topCode, least, importance);
      if (error < least) [best, least] = [grid, error];
    }
  }
  return best;
}

/** The code of the grid's number nearest to `value`. */
export function nearestCode(value: number, { scale, zero }: Grid, topCode: number): number {
  if (scale === 0) return zero;
  const code = Math.round(value / scale) + zero;
  return code < 0 ? 0 : code > topCode ? topCode : code;
}

/** The sum of squared errors, or something not below `enough` as soon as it is known to be no smaller. */
function squaredError(
  values: Float64Array,
  start: number,
  count: number,
  { scale, zero }: Grid,
  topCode: number,
  enough: number,
  importance?: Float64Array,
): number {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = values[start + i]!;
    const code = Math.floor(value * inverse + zero + 0.5);
    const difference = value - ((code < 0 ? 0 : code > topCode ? topCode : code) - zero) * scale;
    sum += importance === undefined ? difference * difference : importance[i]! * difference * difference;
    if (sum >= enough) return sum;
  }
  return sum;
}
