import type { OperatorMeaning } from '../meaning.ts';
import { hadamardTransform } from './hadamard-transform.ts';

/** Squares and non-squares modulo a prime as 1 and −1, bordered (Paley); [1] for a base of 1. */
function paley(base: number): readonly (readonly number[])[] {
  const prime = base - 1;
  const squares = new Set(Array.from({ length: prime }, (_, i) => (i * i) % prime));
  const places = Array.from({ length: base }, (_, i) => i);
  return places.map((i) =>
    places.map((j) => (i === 0 || (j > 0 && squares.has((j - i + prime) % prime)) ? 1 : -1)),
  );
}

export const hadamardTransformMeaning: OperatorMeaning = {
  operator: hadamardTransform,
  meaning: ({ attributes, value, shape }) => {
    const [x, sizes] = [value('x'), shape('x')];
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const block = Number(attributes.block) || sizes[axis]!;
    const inner = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
    const base = [1, 12, 20].find((each) => Number.isInteger(Math.log2(block / each)))!;
    const [power, signs] = [block / base, paley(base)];
    const inverse = attributes.inverse === 1;
    const scale = attributes.norm === 'ortho' ? 1 / Math.sqrt(block) : inverse ? 1 / block : 1;
    const y = new Float64Array(x.length);
    for (let at = 0; at < x.length; at++) {
      const n = Math.floor(at / inner) % block;
      for (let m = 0; m < block; m++) {
        const [row, column] = [Math.floor(n / power), Math.floor(m / power)];
        let sign = inverse ? signs[column]![row]! : signs[row]![column]!;
        for (let bits = (n % power) & (m % power); bits > 0; bits >>= 1) if (bits & 1) sign = -sign;
        y[at]! += scale * sign * x[at + (m - n) * inner]!;
      }
    }
    return { y };
  },
};
