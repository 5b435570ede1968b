import type { OperatorMeaning } from '../meaning.ts';
import { dct } from './dct.ts';

/** The matrices of scipy.fft.dct, `backward`. */
const matrices: Readonly<Record<number, (k: number, j: number, n: number) => number>> = {
  1: (k, j, n) => (j === 0 || j === n - 1 ? 1 : 2) * Math.cos((Math.PI * k * j) / (n - 1)),
  2: (k, j, n) => 2 * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * n)),
  3: (k, j, n) => (j === 0 ? 1 : 2) * Math.cos((Math.PI * j * (2 * k + 1)) / (2 * n)),
  4: (k, j, n) => 2 * Math.cos((Math.PI * (2 * j + 1) * (2 * k + 1)) / (4 * n)),
};

/** What makes the matrices orthogonal: factors of rows and of columns. */
function ends(type: number, k: number, j: number, n: number): number {
  const end = (i: number): boolean => i === 0 || i === n - 1;
  if (type === 1) return (end(j) ? Math.SQRT2 : 1) * (end(k) ? Math.SQRT1_2 : 1);
  if (type === 2) return k === 0 ? Math.SQRT1_2 : 1;
  return type === 3 && j === 0 ? Math.SQRT2 : 1;
}

export const dctMeaning: OperatorMeaning = {
  operator: dct,
  meaning: ({ attributes, value, shape }) => {
    const [x, sizes] = [value('x'), shape('x')];
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const n = sizes[axis]!;
    const inner = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
    const ortho = attributes.norm === 'ortho';
    const inverse = attributes.inverse === 1;
    const type = inverse ? [1, 3, 2, 4][Number(attributes.type) - 1]! : Number(attributes.type);
    const square = 2 * (type === 1 ? n - 1 : n);
    const scale = ortho ? 1 / Math.sqrt(square) : inverse ? 1 / square : 1;
    const y = x.map((_, at) => {
      const k = Math.floor(at / inner) % n;
      let sum = 0;
      for (let j = 0; j < n; j++)
        sum += matrices[type]!(k, j, n) * (ortho ? ends(type, k, j, n) : 1) * x[at + (j - k) * inner]!;
      return scale * sum;
    });
    return { y };
  },
};
