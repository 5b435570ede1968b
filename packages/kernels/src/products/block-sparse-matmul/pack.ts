import { checkHost } from '../../weights/check-host.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { FormatFamily, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor, Section } from '../../contract/weight-format.ts';
import { f16BitsToF32 } from '../../numbers/float16.ts';
import { checkRecord } from '../../weights/families.ts';
import { readRecords } from '../../weights/records.ts';
import { alignedBytes, expectLength, sectionNamed, tensorSections } from '../../weights/sections.ts';
import {
  type BlockSparseFormat,
  type BlockSparseParameters,
  blockSparseFormat,
  indexBytes,
  isBlockSparse,
  isCoded,
} from './format.ts';
import { blockSparseMatmul } from './kernel.ts';
import { isZero, readerOf, rowScales, storedValue, writerOf } from './stored-values.ts';

export const blockSparseFamily: FormatFamily = {
  family: 'block-sparse',
  records: readRecords,
  format: (record) => {
    checkRecord(record, {
      height: 'number',
      width: 'number',
      dtype: 'string',
      blocks: 'number',
    });
    const { format: _, blocks, ...parameters } = record;
    return blockSparseFormat(parameters, blocks as number, [blockSparseMatmul]);
  },
};

/**
 * A matrix `[rows, columns]` with the blocks that hold anything but zeros, as they are stored. f16 rounds to nearest, ties to even;
 * integers to the nearest multiple of their row's scale, which gives the row's largest magnitude the largest code, 127 or 7.
 *
 * @throws `bad-argument` for a number of values that is not the shape's, a finite value beyond f16, or one that has no code;
 * `bad-format` for impossible blocks.
 */
export function packBlockSparse(
  values: Float32Array,
  shape: readonly number[],
  parameters: BlockSparseParameters = {},
): HostTensor {
  checkHost('packBlockSparse', { values, shape });
  const { height, width, dtype } = blockSparseFormat(parameters, 0, []);
  const [rows, columns] = shape as [number, number];
  expectLength('packBlockSparse', 'values', values.length, rows * columns);
  const scales = isCoded(dtype) ? rowScales(dtype, values, rows) : new Uint16Array();
  const factors = Float64Array.from(scales, f16BitsToF32);
  const storedAt = (row: number, column: number): number => {
    const at = row * columns + column;
    return storedValue(dtype, values[at]!, factors[row] ?? 1, at);
  };
  const across = Math.ceil(columns / width);
  const pointers: number[] = [0];
  const places: number[] = [];
  for (let r = 0; r < rows; r += height) {
    const held = new Uint8Array(across);
    for (let row = r; row < Math.min(rows, r + height); row++)
      for (let c = 0; c < columns; c++)
        if (values[row * columns + c] !== 0 && !isZero(dtype, storedAt(row, c)))
          held[Math.floor(c / width)] = 1;
    for (let c = 0; c < across; c++) if (held[c] === 1) places.push(c);
    pointers.push(places.length);
  }
  const format = blockSparseFormat(parameters, places.length, [blockSparseMatmul]);
  const { sections, sizeBytes } = format.sections(shape);
  const bytes = new Uint8Array(sizeBytes);
  const part = partsOf(bytes, sections);
  new Uint32Array(bytes.buffer).set(pointers);
  if (isCoded(dtype)) new Uint16Array(bytes.buffer, part('scales').byteOffset).set(scales);
  const index = part('columns');
  indexOf(index, indexBytes(columns, width)).set(places);
  const write = writerOf(dtype, part('values'));
  forEachElement(format, pointers, places, shape, (at, row, column) => write(at, storedAt(row, column)));
  return { format, shape, bytes };
}

/** The numbers of a block-sparse tensor, row-major. Throws `bad-format` for another format, `bad-argument` for broken pointers. */
export function unpackBlockSparse(tensor: HostTensor): Float32Array {
  checkHost('unpackBlockSparse', { tensor });
  const { format, shape } = tensor;
  if (!isBlockSparse(format)) {
    throw new TilewrightError('bad-format', {
      subject: 'unpackBlockSparse',
      problem: `the tensor is stored as ${format.name}`,
      requirement: 'it takes block-sparse tensors',
      fix: 'unpack it with the codec of its own format',
    });
  }
  const { rows, columns, sections } = tensorSections('unpack', tensor);
  const part = partsOf(alignedBytes(tensor), sections);
  const pointers = indexOf(part('row pointers'), 4);
  const places = indexOf(part('columns'), indexBytes(columns, format.width));
  checkPlaces(format, pointers, places, Math.ceil(columns / format.width));
  const scales = isCoded(format.dtype) ? Float32Array.from(indexOf(part('scales'), 2), f16BitsToF32) : [];
  const read = readerOf(format.dtype, part('values'));
  const values = new Float32Array(rows * columns);
  forEachElement(format, pointers, places, shape, (at, row, column) => {
    values[row * columns + column] = read(at) * (scales[row] ?? 1);
  });
  return values;
}

export const blockSparseCodec: WeightCodec = {
  family: 'block-sparse',
  unpack: unpackBlockSparse,
};

/** The bytes of a section, by its name. */
const partsOf =
  (bytes: Uint8Array, sections: readonly Section[]) =>
  (name: string): Uint8Array => {
    const { offset, sizeBytes } = sectionNamed(sections, name);
    return bytes.subarray(offset, offset + sizeBytes);
  };

/** Whole numbers of `size` bytes. */
const indexOf = ({ buffer, byteOffset, byteLength }: Uint8Array, size: 2 | 4): Uint16Array | Uint32Array =>
  size === 2
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint32Array(buffer, byteOffset, byteLength / 4);

/** Calls back with the place in storage and in the matrix of every stored value inside the matrix. */
function forEachElement(
  { height, width }: BlockSparseFormat,
  pointers: ArrayLike<number>,
  places: ArrayLike<number>,
  shape: readonly number[],
  visit: (at: number, row: number, column: number) => void,
): void {
  const [rows, columns] = shape as [number, number];
  for (let row = 0; row < rows; row++) {
    const blockRow = Math.floor(row / height);
    for (let block = pointers[blockRow]!; block < pointers[blockRow + 1]!; block++) {
      const first = places[block]! * width;
      const at = (block * height + (row % height)) * width;
      for (let c = 0; c < Math.min(width, columns - first); c++) visit(at + c, row, first + c);
    }
  }
}

function checkPlaces(
  { blocks }: BlockSparseFormat,
  pointers: Uint16Array | Uint32Array,
  places: Uint16Array | Uint32Array,
  across: number,
): void {
  const ascending = pointers.every((pointer, r) => pointer >= (r === 0 ? 0 : pointers[r - 1]!));
  const inside = places.every((place) => place < across);
  if (ascending && inside && pointers[0] === 0 && pointers.at(-1) === blocks) return;
  throw new TilewrightError('bad-argument', {
    subject: 'unpackBlockSparse',
    problem: inside
      ? 'its row pointers are not in order'
      : `a block lies beyond column ${across - 1} of blocks`,
    requirement: `pointers ascend from 0 to the ${blocks} blocks, and each of these lies in the matrix`,
    fix: 'read or pack the tensor again',
  });
}
