import { TilewrightError } from '../contract/errors.ts';
import { f32ToBf16Bits, f32ToF16Bits } from '../numbers/float16.ts';
import { writeCodes } from './codes.ts';
import { dense, layoutName, type HostTensor, type IntegerLayout } from '../contract/layout.ts';
import { layoutSections, type LayoutSections } from './sections.ts';

/** An integer matrix before packing, or after unpacking. */
export interface IntegerParts {
  /** Unsigned codes `[rows, columns]`, each below `2^bits`. */
  readonly codes: Uint8Array;
  /** Scales `[rows, ⌈columns / group⌉]`, finite, at most 65504 in magnitude; stored rounded to f16. */
  readonly scales: Float32Array;
  /** Zero points shaped like the scales, each below `2^bits`; there exactly where the layout has them. */
  readonly zeroPoints?: Uint8Array;
}

/**
 * A dense tensor of f32, f16 or bf16 elements, rounded to nearest, ties to even.
 *
 * @throws `bad-argument` for a number of values that is not the shape's, or a finite value that the dtype would turn
 * into an infinity.
 */
export function packDense(
  values: Float32Array,
  shape: readonly number[],
  dtype: 'f32' | 'f16' | 'bf16',
): HostTensor {
  const layout = dense(dtype);
  const { rows, columns, sizeBytes } = layoutSections(layout, shape);
  expectLength('packDense', 'values', values.length, rows * columns);
  const bytes = new Uint8Array(sizeBytes);
  writeFloats('packDense', values, dtype, bytes);
  return { layout, shape, bytes };
}

/**
 * A matrix of integer codes with a scale for each group; the layout's comment gives the bits.
 *
 * @throws `bad-argument` for parts of the wrong length, codes or zero points of too many bits, and scales that f16
 * cannot hold (beyond 65504 in magnitude they would become infinite).
 */
export function packInteger(
  parts: IntegerParts,
  shape: readonly number[],
  layout: IntegerLayout,
): HostTensor {
  const sections = layoutSections(layout, shape);
  const { rows, columns, paddedColumns, groups } = sections;
  const bytes = new Uint8Array(sections.sizeBytes);
  checkParts('packInteger', parts, sections, layout);
  const words = new Uint32Array(bytes.buffer);
  const padded = new Uint8Array(paddedColumns);
  for (let r = 0; r < rows; r++) {
    padded.fill(paddingCode(parts, layout, (r + 1) * groups - 1), columns);
    padded.set(parts.codes.subarray(r * columns, (r + 1) * columns));
    writeCodes(layout.bits, padded, words, (r * sections.values.rowBytes) / 4);
  }
  writeScales(parts, sections, bytes);
  return { layout, shape, bytes };
}

/** Writes the scale and zero-point sections. */
export function writeScales(parts: IntegerParts, sections: LayoutSections, bytes: Uint8Array): void {
  const { scales, zeroPoints } = sections;
  if (scales !== undefined) {
    const halves = new Uint16Array(bytes.buffer, scales.offset, scales.sizeBytes / 2);
    for (let i = 0; i < halves.length; i++) halves[i] = f32ToF16Bits(parts.scales[i]!);
  }
  if (zeroPoints !== undefined && parts.zeroPoints !== undefined)
    bytes.set(parts.zeroPoints, zeroPoints.offset);
}

/** The code that decodes to 0 in a group. */
export function paddingCode(parts: IntegerParts, layout: IntegerLayout, group: number): number {
  return layout.zeroPoint ? parts.zeroPoints![group]! : 2 ** (layout.bits - 1);
}

/** Writes elements to the start of `bytes` (aligned, zeroed). */
export function writeFloats(
  subject: string,
  values: Float32Array,
  dtype: 'f32' | 'f16' | 'bf16',
  bytes: Uint8Array,
): void {
  if (dtype === 'f32') {
    new Float32Array(bytes.buffer, bytes.byteOffset, values.length).set(values);
    return;
  }
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, values.length);
  const [encode, infinity] = dtype === 'f16' ? [f32ToF16Bits, 0x7c00] : [f32ToBf16Bits, 0x7f80];
  for (let i = 0; i < values.length; i++) {
    const half = encode(values[i]!);
    if ((half & 0x7fff) === infinity && Number.isFinite(values[i])) {
      throw new TilewrightError('bad-argument', {
        subject,
        problem: `value ${values[i]} at index ${i} is beyond ${dtype}`,
        requirement: 'a finite weight must stay finite',
        fix: 'store this tensor as f32, or scale it down',
      });
    }
    halves[i] = half;
  }
}

/** Checks everything about `parts` that the layout fixes. */
export function checkParts(
  subject: string,
  parts: IntegerParts,
  sections: LayoutSections,
  layout: IntegerLayout,
): void {
  const { rows, columns, groups } = sections;
  expectLength(subject, 'codes', parts.codes.length, rows * columns);
  expectLength(subject, 'scales', parts.scales.length, rows * groups);
  expectLength(subject, 'zero points', parts.zeroPoints?.length ?? 0, layout.zeroPoint ? rows * groups : 0);
  expectBits(subject, 'code', parts.codes, layout);
  if (parts.zeroPoints !== undefined) expectBits(subject, 'zero point', parts.zeroPoints, layout);
  for (let i = 0; i < parts.scales.length; i++) {
    const scale = parts.scales[i]!;
    // 65520 is where rounding to f16 reaches infinity; NaN fails the comparison too.
    if (Math.abs(scale) < 65_520) continue;
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `scale ${scale} at index ${i}`,
      requirement: 'scales are stored as f16, finite and at most 65504 in magnitude',
      fix: 'keep this tensor dense in f32, or scale it down',
    });
  }
}

/** Refuses a number of elements that is not the shape's. */
export function expectLength(subject: string, what: string, got: number, want: number): void {
  if (got === want) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `${got} ${what}`,
    requirement: `the shape takes ${want}`,
  });
}

function expectBits(subject: string, what: string, fields: Uint8Array, layout: IntegerLayout): void {
  const limit = 2 ** layout.bits;
  const index = limit === 256 ? -1 : fields.findIndex((field) => field >= limit);
  if (index < 0) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `${what} ${fields[index]} at index ${index}`,
    requirement: `${layoutName(layout)} holds ${what}s from 0 to ${limit - 1}`,
  });
}
