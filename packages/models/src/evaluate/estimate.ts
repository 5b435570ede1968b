/** A mean, and how far it may be from what more text would give. */
export interface Estimate {
  readonly mean: number;
  /**
   * Of windows as the unit, since neighbouring tokens are alike: √(s² of windows / windows + s² of draws / draws), the second
   * part 0 where there is one draw. Null for a single window.
   */
  readonly standardError: number | null;
}

/** `[draw][window]` → the mean over both. */
export function estimateOf(samples: readonly Float64Array[]): Estimate {
  const windows = samples[0]!.length;
  const byWindow = Array.from({ length: windows }, (_, w) => meanOf(samples.map((draw) => draw[w]!)));
  const spread = varianceOfMean(byWindow);
  const draws = samples.length > 1 ? varianceOfMean(samples.map(meanOf))! : 0;
  return {
    mean: meanOf(byWindow),
    standardError: spread === null ? null : Math.sqrt(spread + draws),
  };
}

/**
 * The difference of two models on the same windows, `a - b` window by window: what both find hard cancels. Draws are of
 * different models, and pair with each other only where there are equally many; a single one pairs with each.
 */
export function differenceOf(a: readonly Float64Array[], b: readonly Float64Array[]): Estimate {
  const draws = Math.max(a.length, b.length);
  const of = (samples: readonly Float64Array[], draw: number): Float64Array =>
    samples.length === draws ? samples[draw]! : meanDraw(samples);
  return estimateOf(
    Array.from({ length: draws }, (_, draw) => of(a, draw).map((value, w) => value - of(b, draw)[w]!)),
  );
}

const meanDraw = (samples: readonly Float64Array[]): Float64Array =>
  samples[0]!.map((_, w) => meanOf(samples.map((draw) => draw[w]!)));

const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** s² / n; null for a single value. */
function varianceOfMean(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n;
}
