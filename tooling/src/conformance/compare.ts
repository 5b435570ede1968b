// Whether what came out is what the vectors say, within the bounds that they come with.
import type { ConformanceCase, FileType } from './case-file.ts';

/** What of a case its bounds depend on. */
export type Compared = Pick<ConformanceCase, 'domain' | 'op' | 'attrs'>;

export interface Difference {
  /** The largest |got - want|; Infinity where one of them is no finite number and the other is something else. */
  readonly worst: number;
  /** What is wrong: the element that is furthest beyond its bound. */
  readonly problem: string | undefined;
}

/** `absolute + relative · |want|`, by the type of the output; exact for integers and booleans. f64 is computed in f32. */
const bounds: Readonly<Partial<Record<FileType, readonly [absolute: number, relative: number]>>> = {
  f32: [1e-5, 1e-4],
  f64: [1e-5, 1e-4],
  f16: [2e-3, 2e-3],
};
/** What is held to a fraction of its largest magnitude, and to an absolute bound beside it. */
type FractionBound = readonly [fraction: number, absolute: number];

/** Transforms of ONNX, and the operators of our own domain: some of these hold numbers that nearly cancel. */
function fractionOf({ domain, op, attrs }: Compared): FractionBound | undefined {
  if (domain === '') return op === 'DFT' || op === 'STFT' ? [1e-5, 0] : undefined;
  if (attrs.feature_map === 'positive') return [2e-4, 1e-6];
  return [op === 'MatrixLstm' ? 1e-4 : 2e-5, 1e-6];
}
/** Below this a number can only stand for minus infinity: f32 and f16 have nothing smaller that a score could be. */
const lowest: Readonly<Partial<Record<FileType, number>>> = { f32: -1e38, f64: -1e38, f16: -65504 };

export function compare(
  compared: Compared,
  dtype: FileType,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
): Difference {
  if (got.length !== want.length)
    return { worst: Infinity, problem: `${got.length} elements came out, ${want.length} are wanted` };
  const [absolute, relative] = bounds[dtype] ?? [0, 0];
  const fraction = bounds[dtype] && fractionOf(compared);
  const largest = fraction ? maxMagnitude(want) : 0;
  let [worst, excess, at] = [0, 0, -1];
  for (let i = 0; i < want.length; i++) {
    const error = distance(got[i]!, want[i]!, dtype);
    const bound = fraction ? fraction[0] * largest + fraction[1] : absolute + relative * Math.abs(want[i]!);
    worst = Math.max(worst, error);
    if (error <= (Number.isFinite(bound) ? bound : 0)) continue;
    if (at >= 0 && error - bound <= excess) continue;
    [excess, at] = [error - bound, i];
  }
  if (at < 0) return { worst, problem: undefined };
  return { worst, problem: `element ${at} is ${got[at]} instead of ${want[at]}` };
}

function distance(got: number, want: number, dtype: FileType): number {
  if (Object.is(got, want) || got === want) return 0;
  // Masked scores are -∞ in the standard and the lowest number here: WGSL need not have infinities.
  if (want === -Infinity && got <= (lowest[dtype] ?? -Infinity)) return 0;
  const difference = Math.abs(got - want);
  return Number.isFinite(difference) ? difference : Infinity;
}

const maxMagnitude = (values: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
};
