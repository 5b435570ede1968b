import { TilewrightError } from '../contract/errors.ts';
import { bf16BitsToF32, f16BitsToF32 } from '../numbers/float16.ts';
import { readCodes } from './codes.ts';
import {
  layoutName,
  type DenseDType,
  type HostTensor,
  type IntegerLayout,
  type NMLayout,
} from '../contract/layout.ts';
import type { IntegerParts } from './pack.ts';
import { integerOf, positionBits, tensorSections, type LayoutSections } from './sections.ts';

/**
 * The numbers of a tensor in any layout, row-major, one per element of its shape. Integers beyond 2²⁴ and f64 round
 * to f32; bool gives 0 and 1.
 *
 * @throws `bad-argument` where the tensor has not its layout's number of bytes.
 */
export function unpack(tensor: HostTensor): Float32Array {
  const { layout } = tensor;
  const sections = tensorSections('unpack', tensor);
  const { rows, columns } = sections;
  if (layout.kind === 'dense') return readDense(alignedBytes(tensor), layout.dtype, rows * columns);
  const integer = integerOf(layout);
  if (integer === null) return scatter(layout as NMLayout, sections, alignedBytes(tensor));

  const parts = unpackInteger(tensor);
  const numbers = new Float32Array(rows * columns);
  const symmetricZero = 2 ** (integer.bits - 1);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const g = r * sections.groups + Math.floor(c / integer.group);
      const zero = parts.zeroPoints === undefined ? symmetricZero : parts.zeroPoints[g]!;
      numbers[r * columns + c] = (parts.codes[r * columns + c]! - zero) * parts.scales[g]!;
    }
  }
  return numbers;
}

/**
 * Codes, scales and zero points of an integer matrix, also of an N:M sparse one, whose dropped columns get the code
 * that stands for zero.
 *
 * @throws `bad-layout` for a tensor that holds no integer codes; `bad-argument` as {@link unpack}.
 */
export function unpackInteger(tensor: HostTensor): IntegerParts {
  const { layout } = tensor;
  const integer = integerOf(layout);
  if (integer === null) {
    throw new TilewrightError('bad-layout', {
      subject: 'unpackInteger',
      problem: `a tensor of layout ${layoutName(layout)}`,
      requirement: 'only integer layouts hold codes and scales',
    });
  }
  const sections = tensorSections('unpackInteger', tensor);
  const bytes = alignedBytes(tensor);
  const { rows, columns } = sections;
  const scaleBits = new Uint16Array(
    bytes.buffer,
    bytes.byteOffset + sections.scales!.offset,
    rows * sections.groups,
  );
  const scales = readHalves(scaleBits);
  const offset = sections.zeroPoints?.offset;
  const zeroPoints = offset === undefined ? undefined : bytes.slice(offset, offset + scales.length);
  const stored = readRows(integer, sections, bytes);
  let codes = new Uint8Array(rows * columns);
  if (layout.kind === 'n:m') {
    const { groups } = sections;
    for (let i = 0; i < codes.length; i++) {
      const g = Math.floor(i / columns) * groups + Math.floor((i % columns) / integer.group);
      codes[i] = zeroPoints === undefined ? 2 ** (integer.bits - 1) : zeroPoints[g]!;
    }
    forEachKept(layout, sections, bytes, (from, to) => (codes[to] = stored[from]!));
  } else if (columns === sections.paddedColumns) {
    codes = stored;
  } else {
    for (let r = 0; r < rows; r++) {
      const start = r * sections.paddedColumns;
      codes.set(stored.subarray(start, start + columns), r * columns);
    }
  }
  return zeroPoints === undefined ? { codes, scales } : { codes, scales, zeroPoints };
}

/**
 * 1 for each column that an N:M sparse matrix stores and 0 for each that it drops, `[rows, columns]`: a column that
 * is stored may still hold a zero.
 */
export function keptMask(tensor: HostTensor & { readonly layout: NMLayout }): Uint8Array {
  const sections = tensorSections('keptMask', tensor);
  const mask = new Uint8Array(sections.rows * sections.columns);
  forEachKept(tensor.layout, sections, alignedBytes(tensor), (_, to) => (mask[to] = 1));
  return mask;
}

function readRows(
  layout: IntegerLayout,
  sections: LayoutSections,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const { rows, keptColumns: stored, values } = sections;
  const codes = new Uint8Array(rows * stored);
  for (let r = 0; r < rows; r++) {
    readCodes(layout.bits, words, (r * values.rowBytes) / 4, codes.subarray(r * stored, (r + 1) * stored));
  }
  return codes;
}

function scatter(layout: NMLayout, sections: LayoutSections, bytes: Uint8Array): Float32Array {
  const { rows, columns, keptColumns } = sections;
  const dtype = layout.values.kind === 'dense' ? layout.values.dtype : 'f32';
  const stored = readDense(bytes, dtype, rows * keptColumns);
  const numbers = new Float32Array(rows * columns);
  forEachKept(layout, sections, bytes, (from, to) => (numbers[to] = stored[from]!));
  return numbers;
}

/** Calls `visit` with the storage index and the matrix index of each kept value outside padding. */
function forEachKept(
  { n, m }: NMLayout,
  sections: LayoutSections,
  bytes: Uint8Array,
  visit: (from: number, to: number) => void,
): void {
  const { rows, columns, keptColumns, positions } = sections;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const bits = positionBits(m);
  for (let r = 0; r < rows; r++) {
    const rowWord = (positions!.offset + r * positions!.rowBytes) / 4;
    for (let k = 0; k < keptColumns; k++) {
      const position = (words[rowWord + ((k * bits) >> 5)]! >>> ((k * bits) & 31)) & (2 ** bits - 1);
      const column = Math.floor(k / n) * m + position;
      if (column < columns) visit(r * keptColumns + k, r * columns + column);
    }
  }
}

function readDense(bytes: Uint8Array, dtype: DenseDType, count: number): Float32Array {
  const { buffer, byteOffset } = bytes;
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, count).slice();
    case 'f16':
      return readHalves(new Uint16Array(buffer, byteOffset, count));
    case 'bf16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), bf16BitsToF32);
    case 'f64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'i64':
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'i32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case 'u32':
      return Float32Array.from(new Uint32Array(buffer, byteOffset, count));
    case 'i16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'u16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count));
    case 'i8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'u8':
      return Float32Array.from(bytes.subarray(0, count));
    case 'bool':
      return Float32Array.from(bytes.subarray(0, count), (byte) => (byte === 0 ? 0 : 1));
  }
}

/** The tensor's bytes at an address where views of 8-byte elements may start; a copy only where they are not. */
function alignedBytes({ bytes }: HostTensor): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

let f16Numbers: Float32Array | undefined;

/** By a table of all patterns: weights come by the million, and this is ten times faster than decoding each. */
function readHalves(halves: Uint16Array): Float32Array {
  f16Numbers ??= Float32Array.from({ length: 65_536 }, (_, bits) => f16BitsToF32(bits));
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = f16Numbers[halves[i]!]!;
  return numbers;
}
