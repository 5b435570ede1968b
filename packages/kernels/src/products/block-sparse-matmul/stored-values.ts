// What stands in the values of a block-sparse tensor for a number, and back.
import { TilewrightError } from '../../contract/errors.ts';
import { f16BitsToF32, f32ToF16Bits, scaleInF16 } from '../../numbers/float16.ts';
import type { BlockValues } from './format.ts';

/** The largest code; its negative is the smallest. */
const largestCode = (dtype: BlockValues): number => (dtype === 'int8' ? 127 : 7);

const refuse = (problem: string, requirement: string, fix: string): never => {
  throw new TilewrightError('bad-argument', {
    subject: 'packBlockSparse',
    problem,
    requirement,
    fix,
  });
};

/** Scales of the rows, as bits of f16: the largest magnitude of a row gets the largest code. */
export function rowScales(dtype: BlockValues, values: Float32Array, rows: number): Uint16Array {
  const columns = values.length / rows;
  return Uint16Array.from({ length: rows }, (_, row) => {
    let largest = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const magnitude = Math.abs(values[i]!);
      if (!(magnitude <= 65_504 * largestCode(dtype)))
        refuse(
          `value ${values[i]} at index ${i} has no code in ${dtype}`,
          `scales are f16, so magnitudes go to ${65_504 * largestCode(dtype)}`,
          'store this tensor as f32',
        );
      largest = Math.max(largest, magnitude);
    }
    return f32ToF16Bits(scaleInF16(largest / largestCode(dtype)));
  });
}

/** The value, the bits of its half, or its code, in a row of this scale. */
export function storedValue(dtype: BlockValues, value: number, scale: number, index: number): number {
  if (dtype === 'f32') return value;
  if (dtype === 'f16') return halfOf(value, index);
  const most = largestCode(dtype);
  return scale === 0 ? 0 : Math.max(-most, Math.min(most, Math.round(value / scale)));
}

/** Whether what is stored means zero. */
export const isZero = (dtype: BlockValues, stored: number): boolean =>
  (dtype === 'f16' ? stored & 0x7fff : stored) === 0;

/** Writes what is stored as value `at` of zeroed bytes. */
export function writerOf(dtype: BlockValues, bytes: Uint8Array): (at: number, stored: number) => void {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype === 'f32') {
    const floats = new Float32Array(buffer, byteOffset, byteLength / 4);
    return (at, stored) => void (floats[at] = stored);
  }
  if (dtype === 'f16') {
    const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
    return (at, stored) => void (halves[at] = stored);
  }
  if (dtype === 'int8') return (at, stored) => void (bytes[at] = stored & 255);
  return (at, stored) => void (bytes[at >> 1]! |= (stored & 15) << (4 * (at & 1)));
}

/** Reads value `at`: the number, or its code. */
export function readerOf(dtype: BlockValues, bytes: Uint8Array): (at: number) => number {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype === 'f32') {
    const floats = new Float32Array(buffer, byteOffset, byteLength / 4);
    return (at) => floats[at]!;
  }
  if (dtype === 'f16') {
    const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
    return (at) => f16BitsToF32(halves[at]!);
  }
  if (dtype === 'int8') return (at) => (bytes[at]! << 24) >> 24;
  return (at) => ((bytes[at >> 1]! >> (4 * (at & 1))) << 28) >> 28;
}

function halfOf(value: number, index: number): number {
  const half = f32ToF16Bits(value);
  if ((half & 0x7fff) !== 0x7c00 || !Number.isFinite(value)) return half;
  return refuse(
    `value ${value} at index ${index} is beyond f16`,
    'a finite weight must stay finite',
    'store this tensor as f32, or scale it down',
  );
}
