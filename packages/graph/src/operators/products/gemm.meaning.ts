import type { OperatorMeaning } from '../meaning.ts';
import { gemm } from './gemm.ts';

export const gemmMeaning: OperatorMeaning = {
  operator: gemm,
  meaning: ({ attributes, has, value, shape }) => {
    const { alpha, beta, transA, transB } = attributes as Record<string, number>;
    const [a, b] = [value('A'), value('B')];
    const [m, n] = shape('Y') as [number, number];
    const k = shape('A')[transA === 1 ? 0 : 1]!;
    const c = has('C') ? value('C') : undefined;
    const [rows = 1, columns = 1] = has('C') ? [1, 1, ...shape('C')].slice(-2) : [];
    const Y = Float64Array.from({ length: m * n }, (_, i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      let sum = 0;
      for (let j = 0; j < k; j++)
        sum +=
          a[transA === 1 ? j * m + row : row * k + j]! * b[transB === 1 ? column * k + j : j * n + column]!;
      const added = c ? beta! * c[(rows === 1 ? 0 : row * columns) + (columns === 1 ? 0 : column)]! : 0;
      return alpha! * sum + added;
    });
    return { Y };
  },
};
