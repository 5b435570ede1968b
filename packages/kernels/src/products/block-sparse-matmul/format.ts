import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { roundUp } from '../../contract/extent.ts';
import type { FormatWithKernels, Kernel } from '../../contract/kernel.ts';
import type { FormatSections, Section, WeightFormat } from '../../contract/weight-format.ts';
import { matrixShape } from '../../weights/sections.ts';

/**
 * Block sparsity (BSR): a matrix cut into blocks of `height` rows by `width` columns, of which only those that hold something
 * are stored. At the lower and right edge blocks reach beyond the matrix, with zeros.
 *
 * In memory, for shape `[rows, columns]`: u32 words, sections at multiples of 16 bytes.
 * 1. row pointers, `⌈rows / height⌉ + 1` words: the blocks of row of blocks `r` are numbers `pointer[r]` to `pointer[r + 1] - 1`;
 *    the last is the number of blocks, so that a device needs no other count;
 * 2. columns, a word for each block: its number within the row of blocks, ascending;
 * 3. values, f32 or f16, block after block, row-major within.
 */
export interface BlockSparseFormat extends FormatWithKernels {
  readonly height: number;
  readonly width: number;
  readonly dtype: 'f32' | 'f16';
  /** A fact of one tensor: how many blocks it stores. Not part of the id. */
  readonly blocks: number;
}

export interface BlockSparseParameters {
  /** Rows of a block, a multiple of 4; default 16. */
  readonly height?: number;
  /** Columns of a block, a multiple of 4; default 16. */
  readonly width?: number;
  /** How values are stored; default f32. */
  readonly dtype?: 'f32' | 'f16';
}

const family = 'block-sparse';

/** True of block-sparse formats. */
export const isBlockSparse = (format: WeightFormat): format is BlockSparseFormat => format.family === family;

/** The value itself, with the kernels it brings. Throws `bad-format` for parameters that cannot be. */
export function blockSparseFormat(
  parameters: BlockSparseParameters,
  blocks: number,
  kernels: readonly Kernel[],
): BlockSparseFormat {
  checkOptions('block-sparse format', parameters, ['height', 'width', 'dtype']);
  const { height = 16, width = 16, dtype = 'f32' } = parameters;
  const name = `bsr-${height}x${width}${dtype === 'f32' ? '' : `-${dtype}`}`;
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem,
      requirement,
      fix: 'make the tensor with packBlockSparse',
    });
  };
  const fits = (size: number): boolean => Number.isInteger(size) && size > 0 && size <= 64 && size % 4 === 0;
  if (!fits(height) || !fits(width))
    refuse(`blocks of ${height} by ${width}`, 'sides are multiples of 4, from 4 to 64');
  if (dtype !== 'f32' && dtype !== 'f16') refuse(`values of ${String(dtype)}`, 'values are f32 or f16');
  if (!(Number.isInteger(blocks) && blocks >= 0 && blocks < 2 ** 31))
    refuse(`${blocks} blocks`, 'a tensor stores a whole number of blocks');
  const sections = (shape: readonly number[]): FormatSections => {
    const { rows, columns } = matrixShape(name, shape);
    const most = Math.ceil(rows / height) * Math.ceil(columns / width);
    if (blocks > most) {
      throw new TilewrightError('bad-shape', {
        subject: `format ${name}`,
        problem: `shape [${shape.join(', ')}] with ${blocks} blocks`,
        requirement: `it has room for ${most}`,
        fix: 'give the shape that the tensor was packed with',
      });
    }
    let end = 0;
    const section = (sectionName: string, sizeBytes: number): Section => {
      const offset = end;
      end = roundUp(offset + sizeBytes, 16);
      return { name: sectionName, offset, rowBytes: 0, blockBytes: 0, sizeBytes };
    };
    return {
      rows,
      columns,
      sections: [
        section('row pointers', 4 * (Math.ceil(rows / height) + 1)),
        section('columns', 4 * blocks),
        section('values', blocks * height * width * (dtype === 'f32' ? 4 : 2)),
      ],
      sizeBytes: end,
    };
  };
  return Object.freeze({
    family,
    id: `${family}(${height},${width},${dtype})`,
    name,
    record: { format: family, height, width, dtype, blocks },
    rowless: true,
    unjoined: true,
    height,
    width,
    dtype,
    blocks,
    columnBlock: width,
    sections,
    kernels,
  } satisfies BlockSparseFormat);
}
