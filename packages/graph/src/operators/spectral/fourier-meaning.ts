// What Fourier transforms along an axis mean, as sums.
import type { Numbers } from './fourier-request.ts';

type Complex = readonly [re: number, im: number];

/** Σ_n z_n e^{sign 2πi nk/size}, for every k. */
export function sums(z: readonly Complex[], sign: number): readonly Complex[] {
  const size = z.length;
  const angle = (n: number): number => (sign * 2 * Math.PI * n) / size;
  const cosines = z.map((_, n) => Math.cos(angle(n)));
  const sines = z.map((_, n) => Math.sin(angle(n)));
  return z.map((_, k): Complex => {
    let [re, im] = [0, 0];
    z.forEach(([x, y], n) => {
      const turn = (n * k) % size;
      re += x * cosines[turn]! - y * sines[turn]!;
      im += x * sines[turn]! + y * cosines[turn]!;
    });
    return [re, im];
  });
}

/** The first `size` elements of a stored line as complex numbers, zeros beyond; of half a spectrum also the conjugate half. */
export function lineOf(
  at: (n: number) => Complex,
  { length, size, from }: { readonly length: number; readonly size: number; readonly from: Numbers },
): readonly Complex[] {
  const stored = (n: number): Complex => (n < length ? at(n) : [0, 0]);
  return Array.from({ length: size }, (_, n): Complex => {
    if (from !== 'half') return stored(n);
    const [re, im] = stored(2 * n <= size ? n : size - n);
    return [re, n === 0 || 2 * n === size ? 0 : 2 * n < size ? im : -im];
  });
}

export interface LinesMeaning {
  readonly x: Float64Array;
  /** Of x, without an axis of parts. */
  readonly shape: readonly number[];
  readonly axis: number;
  readonly size: number;
  readonly bins: number;
  /** Of the bins. Default 0. */
  readonly first?: number;
  readonly from: Numbers;
  readonly to: 'real' | 'complex';
  readonly sign: number;
  readonly scale: number;
  /** Before the transform, `line` counting [outer, inner]. */
  readonly front?: (line: number, n: number, z: Complex) => Complex;
  /** Instead of storing: the spectrum that is transformed back. */
  readonly between?: (line: number, k: number, z: Complex) => Complex;
}

/** All lines along an axis, transformed. */
export function transformLines(lines: LinesMeaning): Float64Array {
  const { x, shape, axis, size, bins, from, to, sign, scale, first = 0, front, between } = lines;
  const length = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, each) => product * each, 1);
  const count = shape.reduce((product, each) => product * each, 1) / length;
  const [parts, channels] = [from === 'real' ? 1 : 2, to === 'real' ? 1 : 2];
  const y = new Float64Array(count * bins * channels);
  for (let line = 0; line < count; line++) {
    const place = (n: number, of: number): number =>
      (Math.floor(line / inner) * of + n) * inner + (line % inner);
    const at = (n: number): Complex => {
      const i = place(n, length) * parts;
      return [x[i]!, parts === 2 ? x[i + 1]! : 0];
    };
    const elements = lineOf(at, { length, size, from }).map((z, n) => front?.(line, n, z) ?? z);
    let z = sums(elements, sign);
    if (between)
      z = sums(
        z.map((each, k) => between(line, k, each)),
        1,
      );
    for (let k = 0; k < bins; k++)
      y.set(
        z[first + k]!.slice(0, channels).map((part) => scale * part),
        place(k, bins) * channels,
      );
  }
  return y;
}
