import type { Oracle, Round } from '../../contract/check.ts';
import { hadamardBase, hadamardSigns } from './bases.ts';

/** H of twice the size is [[H, H], [H, −H]] within each block of the base's matrix. */
function powersOfTwo(x: Float64Array, round: Round): Float64Array {
  if (x.length === 1) return x;
  const half = x.length / 2;
  const [low, high] = [x.subarray(0, half), x.subarray(half)];
  const sums = powersOfTwo(
    low.map((value, i) => round(value + high[i]!)),
    round,
  );
  const differences = powersOfTwo(
    low.map((value, i) => round(value - high[i]!)),
    round,
  );
  return Float64Array.of(...sums, ...differences);
}

export const hadamardReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { outer, size, inner } = axes as { outer: number; size: number; inner: number };
  const base = hadamardBase(size)!;
  const signs = hadamardSigns(base);
  const power = size / base;
  const y = new Float64Array(outer * size * inner);
  for (let line = 0; line < outer * inner; line++) {
    const start = Math.floor(line / inner) * size * inner + (line % inner);
    const x = Float64Array.from({ length: size }, (_, n) => inputs.x![start + n * inner]!);
    const blocks = signs.map((_, i) => powersOfTwo(x.slice(i * power, (i + 1) * power), round));
    for (let n = 0; n < size; n++) {
      const row = Math.floor(n / power);
      const sum = blocks.reduce((total, block, i) => {
        const sign = options.inverse ? signs[i]![row]! : signs[row]![i]!;
        return round(total + sign * block[n % power]!);
      }, 0);
      y[start + n * inner] = round(scalars.scale! * sum);
    }
  }
  return { y };
};
