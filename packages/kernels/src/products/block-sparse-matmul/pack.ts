import { TilewrightError } from '../../contract/errors.ts';
import type { FormatFamily, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { f32ToF16Bits } from '../../numbers/float16.ts';
import { readHalves } from '../../numbers/read-halves.ts';
import { checkRecord } from '../../weights/families.ts';
import { readRecords } from '../../weights/records.ts';
import { alignedBytes, expectLength, sectionNamed, tensorSections } from '../../weights/sections.ts';
import {
  type BlockSparseFormat,
  type BlockSparseParameters,
  blockSparseFormat,
  isBlockSparse,
} from './format.ts';
import { blockSparseMatmul } from './kernel.ts';

export const blockSparseFamily: FormatFamily = {
  family: 'block-sparse',
  records: readRecords,
  format: (record) => {
    checkRecord(record, { height: 'number', width: 'number', dtype: 'string', blocks: 'number' });
    const { format: _, blocks, ...parameters } = record;
    return blockSparseFormat(parameters, blocks as number, [blockSparseMatmul]);
  },
};

/**
 * A matrix `[rows, columns]` with the blocks that hold anything but zeros; f16 rounds to nearest, ties to even.
 *
 * @throws `bad-argument` for a number of values that is not the shape's, or a finite value beyond f16; `bad-format` for
 * impossible blocks.
 */
export function packBlockSparse(
  values: Float32Array,
  shape: readonly number[],
  parameters: BlockSparseParameters = {},
): HostTensor {
  const { height, width, dtype } = blockSparseFormat(parameters, 0, []);
  const [rows, columns] = shape as [number, number];
  expectLength('packBlockSparse', 'values', values.length, rows * columns);
  const across = Math.ceil(columns / width);
  const pointers: number[] = [0];
  const places: number[] = [];
  for (let r = 0; r < rows; r += height) {
    for (let c = 0; c < across; c++)
      if (holdsSomething(values, columns, [r, Math.min(rows, r + height)], [c * width, (c + 1) * width]))
        places.push(c);
    pointers.push(places.length);
  }
  const format = blockSparseFormat(parameters, places.length, [blockSparseMatmul]);
  const { sections, sizeBytes } = format.sections(shape);
  const bytes = new Uint8Array(sizeBytes);
  const words = new Uint32Array(bytes.buffer);
  words.set(pointers);
  words.set(places, sectionNamed(sections, 'columns').offset / 4);
  const { offset } = sectionNamed(sections, 'values');
  const stored =
    dtype === 'f32' ? new Float32Array(bytes.buffer, offset) : new Uint16Array(bytes.buffer, offset);
  forEachElement(format, pointers, places, shape, (from, to) => {
    stored[from] = dtype === 'f32' ? values[to]! : halfOf(values[to]!, to);
  });
  return { format, shape, bytes };
}

/** The numbers of a block-sparse tensor, row-major. Throws `bad-format` for another format, `bad-argument` for broken pointers. */
export function unpackBlockSparse(tensor: HostTensor): Float32Array {
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
  const bytes = alignedBytes(tensor);
  const count = (name: string): [number, number] => {
    const { offset, sizeBytes } = sectionNamed(sections, name);
    return [bytes.byteOffset + offset, sizeBytes];
  };
  const wordsOf = (name: string): Uint32Array => {
    const [offset, size] = count(name);
    return new Uint32Array(bytes.buffer, offset, size / 4);
  };
  const [pointers, places] = [wordsOf('row pointers'), wordsOf('columns')];
  checkPlaces(format, pointers, places, Math.ceil(columns / format.width));
  const [offset, size] = count('values');
  const stored =
    format.dtype === 'f32'
      ? new Float32Array(bytes.buffer, offset, size / 4)
      : readHalves(new Uint16Array(bytes.buffer, offset, size / 2));
  const values = new Float32Array(rows * columns);
  forEachElement(format, pointers, places, shape, (from, to) => (values[to] = stored[from]!));
  return values;
}

export const blockSparseCodec: WeightCodec = { family: 'block-sparse', unpack: unpackBlockSparse };

const holdsSomething = (
  values: Float32Array,
  columns: number,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): boolean => {
  for (let r = top; r < bottom; r++)
    for (let c = left; c < Math.min(columns, right); c++) if (values[r * columns + c] !== 0) return true;
  return false;
};

/** Calls back with the place in storage and in the matrix of every stored value inside the matrix. */
function forEachElement(
  { height, width }: BlockSparseFormat,
  pointers: ArrayLike<number>,
  places: ArrayLike<number>,
  shape: readonly number[],
  visit: (from: number, to: number) => void,
): void {
  const [rows, columns] = shape as [number, number];
  for (let row = 0; row < rows; row++) {
    const blockRow = Math.floor(row / height);
    for (let block = pointers[blockRow]!; block < pointers[blockRow + 1]!; block++) {
      const first = places[block]! * width;
      const from = (block * height + (row % height)) * width;
      for (let c = 0; c < Math.min(width, columns - first); c++) visit(from + c, row * columns + first + c);
    }
  }
}

function checkPlaces(
  { blocks }: BlockSparseFormat,
  pointers: Uint32Array,
  places: Uint32Array,
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

function halfOf(value: number, index: number): number {
  const half = f32ToF16Bits(value);
  if ((half & 0x7fff) !== 0x7c00 || !Number.isFinite(value)) return half;
  throw new TilewrightError('bad-argument', {
    subject: 'packBlockSparse',
    problem: `value ${value} at index ${index} is beyond f16`,
    requirement: 'a finite weight must stay finite',
    fix: 'store this tensor as f32, or scale it down',
  });
}
