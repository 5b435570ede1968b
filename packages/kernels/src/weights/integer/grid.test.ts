import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitGrid, nearestCode, type GridConfig } from './grid.ts';

describe('grids', () => {
  const fit = (values: number[], config: Partial<GridConfig> = {}): ReturnType<typeof fitGrid> =>
    fitGrid(Float64Array.from(values), 0, values.length, {
      bits: 4,
      zeroPoint: false,
      scale: 'extreme',
      ...config,
    });

  test('the extreme value gets the code that reaches furthest, by the sign of the scale', () => {
    expect(fit([-8, 3])).toEqual({ scale: 1, zero: 8 });
    expect(fit([8, -3])).toEqual({ scale: -1, zero: 8 });
    expect(nearestCode(8, fit([8, -3]), 15)).toBe(0);
    expect(fit([1, 16], { zeroPoint: true })).toEqual({
      scale: Math.fround(1.06640625),
      zero: 0,
    });
    expect(fit([-5, 10], { zeroPoint: true })).toEqual({ scale: 1, zero: 5 });
  });

  test('zeros have the scale 0 and the code of zero', () => {
    expect(fit([0, 0])).toEqual({ scale: 0, zero: 8 });
    expect(nearestCode(0, fit([0, 0]), 15)).toBe(8);
    // A scale that f16 flushes to zero.
    expect(nearestCode(1e-12, fit([1e-12]), 15)).toBe(8);
  });

  test('a search is never worse, and cuts off a lone extreme of 3 bits', () => {
    const values = [1, -0.9, 0.8, -1, 0.95, -0.85, 2.2];
    const error = (scale: GridConfig['scale']): number => {
      const grid = fit(values, { bits: 3, scale });
      return values.reduce(
        (sum, value) => sum + (value - (nearestCode(value, grid, 7) - grid.zero) * grid.scale) ** 2,
        0,
      );
    };
    expect(error('search')).toBeLessThan(0.8 * error('extreme'));
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), {
          minLength: 1,
          maxLength: 32,
        }),
        fc.boolean(),
        (list, zeroPoint) => {
          const squared = (scale: GridConfig['scale']): number => {
            const grid = fit(list, { scale, zeroPoint });
            return list.reduce(
              (sum, value) => sum + (value - (nearestCode(value, grid, 15) - grid.zero) * grid.scale) ** 2,
              0,
            );
          };
          expect(squared('search')).toBeLessThanOrEqual(squared('extreme') * (1 + 1e-6));
        },
      ),
    );
  });
});
