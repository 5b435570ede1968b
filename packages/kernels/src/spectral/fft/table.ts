// What the kernel reads of a length: roots of unity, and a chirp with its spectrum where the length has a large prime.
import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import { type Fourier, fourierFrom, fourierOf, fourierTable, radicesOf } from '../fourier.ts';
import { lineLoads } from '../loads.ts';

/** How a length is transformed. */
export interface FftForm {
  readonly fourier: Fourier;
  /** Where the chirp and its spectrum begin in the table; undefined where the length is a product of the radices. */
  readonly chirp?: { readonly from: number; readonly spectrum: number };
  /** Pairs of the table. */
  readonly entries: number;
}

/** The shortest length of at least `least` points without a prime above 7. Throws a `RangeError` beyond all plans. */
export function fftSize(least: number): number {
  checkOptions('fftSize', { least }, { least: positiveInteger });
  return fourierFrom(least).size;
}

/** Loads of a line's transform of `size` points, for comparing with sums. Throws a `RangeError` beyond all plans. */
export function fftLoads(size: number): number {
  const { fourier, chirp } = fftForm(size);
  return lineLoads(fourier) * (chirp ? 2 : 1);
}

/** Throws `bad-argument` for what is no length, a `RangeError` for lengths beyond all plans. */
export function fftForm(size: number): FftForm {
  checkOptions('fftForm', { size }, { size: positiveInteger });
  const fourier = fourierOf(size);
  if (fourier) return { fourier, entries: fourier.entries };
  const longer = fourierFrom(2 * size - 1);
  const from = longer.entries;
  return { fourier: longer, chirp: { from, spectrum: from + size }, entries: from + size + longer.size };
}

/** the tensor `roots` of the kernel `fft` for transforms of `size` points: numbers, two to an entry. */
export function fftTable(size: number): Float32Array<ArrayBuffer> {
  const { fourier, chirp, entries } = fftForm(size);
  const table = new Float32Array(2 * entries);
  table.set(fourierTable(fourier));
  if (!chirp) return table;
  const whole = new Float64Array(2 * fourier.size);
  for (let n = 0; n < size; n++) {
    // n² modulo 2 · size, so that the angle keeps its digits.
    const angle = (Math.PI * ((n * n) % (2 * size))) / size;
    const pair = [Math.cos(angle), Math.sin(angle)];
    table.set(pair, 2 * (chirp.from + n));
    whole.set(pair, 2 * n);
    if (n > 0) whole.set(pair, 2 * (fourier.size - n));
  }
  const spectrum = transformed(whole).map((value) => value / fourier.size);
  table.set(spectrum, 2 * chirp.spectrum);
  return table;
}

/** The Fourier transform of pairs in f64, radix by radix. */
function transformed(z: Float64Array): Float64Array {
  const size = z.length / 2;
  if (size === 1) return z;
  const radix = radicesOf(size)!.at(-1)!;
  const parts = Array.from({ length: radix }, (_, r) => {
    const part = new Float64Array(z.length / radix);
    for (let i = 0; i < part.length / 2; i++)
      part.set(z.subarray(2 * (i * radix + r), 2 * (i * radix + r) + 2), 2 * i);
    return transformed(part);
  });
  const result = new Float64Array(z.length);
  const roots = Array.from({ length: size }, (_, i) => (-2 * Math.PI * i) / size);
  const [cosines, sines] = [roots.map(Math.cos), roots.map(Math.sin)];
  for (let k = 0; k < size; k++)
    for (let r = 0; r < radix; r++) {
      const [at, turn] = [k % (size / radix), (r * k) % size];
      const [x, y] = [parts[r]![2 * at]!, parts[r]![2 * at + 1]!];
      result[2 * k]! += x * cosines[turn]! - y * sines[turn]!;
      result[2 * k + 1]! += x * sines[turn]! + y * cosines[turn]!;
    }
  return result;
}
