// Discrete Fourier transforms in a workgroup's memory: which radices make a length, which roots of unity they take, and the calls of
// fourier.wgsl that make one. Roots are made on the host in f64: WGSL's cosines are good to 2^-11.
import { linesOf, pitchOf, type TilePass } from './tile-pass.ts';

/** Complex numbers in the memory of a workgroup: 16 KiB, which every device has. */
export const points = 2048;

/** A transform of one length, whole in a workgroup or as columns and rows of a matrix. */
export interface Fourier {
  readonly size: number;
  /** The length, or those of columns and of rows. */
  readonly parts: readonly FourierPart[];
  /** Rows of the table that are for this transform: roots of each part, then the first `rows` roots of the whole where it is cut. */
  readonly entries: number;
}

export interface FourierPart {
  readonly size: number;
  readonly radices: readonly number[];
  /** Where its roots begin in the table. */
  readonly from: number;
  /** Lines of a tile. */
  readonly lines: number;
}

const stages: readonly (readonly [radix: number, name: string])[] = [
  [8, 'eights'],
  [7, 'sevens'],
  [5, 'fives'],
  [4, 'fours'],
  [3, 'threes'],
  [2, 'twos'],
];

/** Radices whose product is `size`; undefined where a prime above 7 divides it. */
export function radicesOf(size: number): readonly number[] | undefined {
  const radices: number[] = [];
  let rest = size;
  for (const [radix] of stages) for (; rest % radix === 0; rest /= radix) radices.push(radix);
  return rest === 1 ? radices : undefined;
}

/** A transform of `size`; undefined where the size has a prime above 7, or parts that a workgroup has no room for. */
export function fourierOf(size: number): Fourier | undefined {
  if (!radicesOf(size)) return undefined;
  if (size <= points) return { size, parts: [partOf(size, 0)], entries: size };
  // The nearest to a square, so that many lines share a tile.
  let rows = Math.floor(Math.sqrt(size));
  while (size % rows !== 0) rows--;
  const columns = size / rows;
  if (columns > points) return undefined;
  return { size, parts: [partOf(columns, 0), partOf(rows, columns)], entries: columns + 2 * rows };
}

const partOf = (size: number, from: number): FourierPart => ({
  size,
  radices: radicesOf(size)!,
  from,
  lines: linesOf(size, points, 32),
});

/** The shortest length of at least `least` that can be transformed. Throws a `RangeError` beyond all plans. */
export function fourierFrom(least: number): Fourier {
  for (let size = least; size <= points * points; size++) {
    const fourier = fourierOf(size);
    if (fourier) return fourier;
  }
  throw new RangeError(`no transform has ${least} points`);
}

/** The most points of a transform. */
export const longestFourier: number = points * points;

/** The roots that a transform reads, pairs of cosines and sines. */
export function fourierTable({ size, parts, entries }: Fourier): Float64Array {
  const table = new Float64Array(2 * entries);
  const put = (at: number, count: number, whole: number): void => {
    for (let i = 0; i < count; i++) {
      table[2 * (at + i)] = Math.cos((2 * Math.PI * i) / whole);
      table[2 * (at + i) + 1] = Math.sin((2 * Math.PI * i) / whole);
    }
  };
  for (const part of parts) put(part.from, part.size, part.size);
  const [, rows] = parts;
  if (rows) put(rows.from + rows.size, rows.size, size);
  return table;
}

type Shape = Pick<TilePass, 'size' | 'lines'>;

const call = (
  radix: number,
  shape: Shape,
  from: number,
  step: number,
  sign: string,
  before: boolean,
): string => {
  const [, name] = stages.find(([each]) => each === radix)!;
  return `${name}(lane, ${shape.size}u, ${shape.lines}u, ${pitchOf(shape)}u, ${from}u, ${step}u, ${sign}, ${before});`;
};

/** Statements that transform a tile of natural order into the order of `placeOf`; `sign` is that of the exponent. */
export function forward(part: FourierPart, sign: string): string[] {
  let step = part.size;
  return part.radices.map((radix) => {
    step /= radix;
    return call(radix, part, part.from, step, sign, false);
  });
}

/** Statements that transform a tile back, from that order to the natural one; without the division by the size. */
export function backward(part: FourierPart, sign: string): string[] {
  let step = 1;
  return [...part.radices].reverse().map((radix) => {
    const statement = call(radix, part, part.from, step, sign, true);
    step *= radix;
    return statement;
  });
}

/** Where frequency `n` stands after `forward`: its digits in the opposite order. An expression. */
export function placeOf({ size, radices }: Pick<FourierPart, 'size' | 'radices'>): string {
  let [passed, step] = [1, size];
  const digits = radices.map((radix) => {
    step /= radix;
    const digit = `n / ${passed}u % ${radix}u * ${step}u`;
    passed *= radix;
    return digit;
  });
  return digits.join(' + ') || 'n';
}
