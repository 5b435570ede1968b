import { checkOptions, nonNegativeInteger, positiveInteger } from '@tilewright/kernels';
/** Turns `values[start + i · step]`, `i` from 0 to `size - 1`, in place. */
export type Rotation = (values: Float64Array, start: number, step: number) => void;

/**
 * A random orthogonal matrix that is fast: signs, then a Walsh–Hadamard transform over the largest power of two that divides `size`
 * and a cosine transform (DCT-II) over the rest. Row vectors times it; the same from run to run.
 *
 * Source: Tseng, Chee, Sun, Kuleshov and De Sa, QuIP# (2024), section 3, with a cosine transform where they have a Fourier one.
 */
export function randomRotation(size: number, seed = 1): Rotation {
  checkOptions('randomRotation', { size, seed }, { size: positiveInteger, seed: nonNegativeInteger });
  const signs = randomSigns(size, seed);
  let power = 1;
  while (size % (2 * power) === 0) power *= 2;
  const rest = size / power;
  const cosines = cosineMatrix(rest);
  const line = new Float64Array(size);
  const part = new Float64Array(rest);
  return (values, start, step) => {
    for (let i = 0; i < size; i++) line[i] = signs[i]! * values[start + i * step]!;
    for (let half = rest; half < size; half *= 2)
      for (let i = 0; i < size; i += 2 * half)
        for (let j = i; j < i + half; j++) {
          const [a, b] = [line[j]!, line[j + half]!];
          line[j] = a + b;
          line[j + half] = a - b;
        }
    const scale = 1 / Math.sqrt(power);
    for (let i = 0; i < size; i += rest) {
      part.set(line.subarray(i, i + rest));
      for (let j = 0; j < rest; j++) {
        let sum = 0;
        for (let k = 0; k < rest; k++) sum += part[k]! * cosines[k * rest + j]!;
        values[start + (i + j) * step] = scale * sum;
      }
    }
  };
}

/** 1 or -1 each (Numerical Recipes' linear congruential generator, the highest bit). */
function randomSigns(size: number, seed: number): Float64Array {
  let bits = Math.imul(seed, 0x9e37_79b1) >>> 0;
  return Float64Array.from({ length: size }, () => {
    bits = (Math.imul(bits, 1_664_525) + 1_013_904_223) >>> 0;
    return bits >= 2 ** 31 ? -1 : 1;
  });
}

function cosineMatrix(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let k = 0; k < size; k++)
    for (let j = 0; j < size; j++)
      matrix[k * size + j] =
        Math.sqrt((j === 0 ? 1 : 2) / size) * Math.cos((Math.PI * (2 * k + 1) * j) / (2 * size));
  return matrix;
}
