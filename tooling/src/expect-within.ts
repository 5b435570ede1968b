import { expect } from 'vitest';

/**
 * Fails where numbers differ by more than a tolerance, as a fraction of the largest wanted one, or where all of those are
 * zero: then nothing was compared.
 */
export const expectWithin =
  (usual: number) =>
  (got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number = usual): void => {
    expect(got.length).toBe(want.length);
    const largest = Array.from(want).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    const worst = Array.from(want).reduce((most, value, i) => {
      const difference = Math.abs(got[i]! - value) / largest;
      return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
    }, 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  };
