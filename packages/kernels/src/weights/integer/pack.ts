import { TilewrightError } from '../../contract/errors.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { f32ToF16Bits } from '../../numbers/float16.ts';
import { expectLength, sectionNamed } from '../sections.ts';
import { writeCodes } from '../codes.ts';
import type { IntegerFormat } from './format.ts';

/** An integer matrix before packing, or after unpacking. */
export interface IntegerParts {
  /** Unsigned codes `[rows, columns]`, each below `2^bits`. */
  readonly codes: Uint8Array;
  /** Scales `[rows, ⌈columns / group⌉]`, finite, at most 65504 in magnitude; stored rounded to f16. */
  readonly scales: Float32Array;
  /** Zero points shaped like the scales, each below `2^bits`; there exactly where the format has them. */
  readonly zeroPoints?: Uint8Array;
}

/**
 * A matrix of integer codes with a scale for each group; the format's comment gives the bits.
 *
 * @throws `bad-argument` for parts of the wrong length, codes or zero points of too many bits, and scales that f16
 * cannot hold (beyond 65504 in magnitude they would become infinite).
 */
export function packInteger(
  parts: IntegerParts,
  shape: readonly number[],
  format: IntegerFormat,
): HostTensor {
  const { rows, columns, sections, sizeBytes } = format.sections(shape);
  const groups = Math.ceil(columns / format.group);
  checkParts(parts, rows, columns, format);
  const bytes = new Uint8Array(sizeBytes);
  const words = new Uint32Array(bytes.buffer);
  const padded = new Uint8Array(groups * format.group);
  const { rowBytes } = sectionNamed(sections, 'codes');
  for (let r = 0; r < rows; r++) {
    padded.fill(parts.zeroPoints?.[(r + 1) * groups - 1] ?? 2 ** (format.bits - 1), columns);
    padded.set(parts.codes.subarray(r * columns, (r + 1) * columns));
    writeCodes(format.bits, padded, words, (r * rowBytes) / 4);
  }
  const halves = new Uint16Array(bytes.buffer, sectionNamed(sections, 'scales').offset, rows * groups);
  for (let i = 0; i < halves.length; i++) halves[i] = f32ToF16Bits(parts.scales[i]!);
  if (parts.zeroPoints !== undefined)
    bytes.set(parts.zeroPoints, sectionNamed(sections, 'zero points').offset);
  return { format, shape, bytes };
}

/** Checks everything about `parts` that the format fixes. */
function checkParts(parts: IntegerParts, rows: number, columns: number, format: IntegerFormat): void {
  const subject = 'packInteger';
  const groups = rows * Math.ceil(columns / format.group);
  expectLength(subject, 'codes', parts.codes.length, rows * columns);
  expectLength(subject, 'scales', parts.scales.length, groups);
  expectLength(subject, 'zero points', parts.zeroPoints?.length ?? 0, format.zeroPoint ? groups : 0);
  expectBits(subject, 'code', parts.codes, format);
  if (parts.zeroPoints !== undefined) expectBits(subject, 'zero point', parts.zeroPoints, format);
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

function expectBits(subject: string, what: string, fields: Uint8Array, format: IntegerFormat): void {
  const limit = 2 ** format.bits;
  const index = limit === 256 ? -1 : fields.findIndex((field) => field >= limit);
  if (index < 0) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `${what} ${fields[index]} at index ${index}`,
    requirement: `${format.name} holds ${what}s from 0 to ${limit - 1}`,
    fix: 'clamp them, or take a format of more bits',
  });
}
