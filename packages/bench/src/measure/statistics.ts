/** Robust location and spread of repeated measurements. */
export interface Percentiles {
  readonly p20: number;
  readonly p50: number;
  readonly p80: number;
}

/** The value below which `fraction` of the samples lie, interpolated linearly; NaN of none. */
export function quantile(samples: readonly number[], fraction: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const position = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export const percentiles = (samples: readonly number[]): Percentiles => ({
  p20: quantile(samples, 0.2),
  p50: median(samples),
  p80: quantile(samples, 0.8),
});

/** The mean of ratios: ten times faster and ten times slower average to 1. NaN of none. */
export const geometricMean = (ratios: readonly number[]): number =>
  ratios.length === 0
    ? NaN
    : Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
