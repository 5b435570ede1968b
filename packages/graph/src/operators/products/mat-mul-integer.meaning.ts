import type { OperatorMeaning } from '../meaning.ts';
import { matMulInteger } from './mat-mul-integer.ts';
import { matricesOfProduct } from './matrices-of-product.ts';

export const matMulIntegerMeaning: OperatorMeaning = {
  operator: matMulInteger,
  meaning: ({ has, value, shape }) => {
    const [a, b] = [value('A'), value('B')];
    const { m, n, k, pairs } = matricesOfProduct(shape('A'), shape('B'));
    /** Zero points stand for a tensor, for each line of every matrix, or for each line of each matrix. */
    const zero = (role: string, matrix: number, line: number, lines: number): number => {
      if (!has(role)) return 0;
      const points = value(role);
      if (points.length === 1) return points[0]!;
      return points[points.length === lines ? line : matrix * lines + line]!;
    };
    const Y = new Float64Array(pairs.length * m * n);
    pairs.forEach(([i, j], batch) => {
      for (let row = 0; row < m; row++)
        for (let column = 0; column < n; column++)
          for (let c = 0; c < k; c++)
            Y[(batch * m + row) * n + column]! +=
              (a[(i * m + row) * k + c]! - zero('a_zero_point', i, row, m)) *
              (b[(j * k + c) * n + column]! - zero('b_zero_point', j, column, n));
    });
    return { Y };
  },
};
