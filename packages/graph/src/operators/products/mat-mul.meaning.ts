import type { OperatorMeaning } from '../meaning.ts';
import { matMul } from './mat-mul.ts';
import { matricesOfProduct } from './matrices-of-product.ts';

export const matMulMeaning: OperatorMeaning = {
  operator: matMul,
  meaning: ({ value, shape }) => {
    const [a, b] = [value('A'), value('B')];
    const { m, n, k, pairs } = matricesOfProduct(shape('A'), shape('B'));
    const Y = new Float64Array(pairs.length * m * n);
    pairs.forEach(([i, j], batch) => {
      for (let row = 0; row < m; row++)
        for (let column = 0; column < n; column++)
          for (let c = 0; c < k; c++)
            Y[(batch * m + row) * n + column]! += a[(i * m + row) * k + c]! * b[(j * k + c) * n + column]!;
    });
    return { Y };
  },
};
