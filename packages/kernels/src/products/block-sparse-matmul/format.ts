import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { roundUp } from '../../contract/extent.ts';
import type { Kernel } from '../../contract/contract.ts';
import type { FormatWithKernels } from '../../contract/format-with-kernels.ts';
import type { FormatSections, Section, WeightFormat } from '../../contract/weight-format.ts';
import { matrixShape } from '../../weights/sections.ts';

/** How stored values are written: integers are codes of their number of bits in two's complement, and have a scale for each row. */
export type BlockValues = 'f32' | 'f16' | 'int8' | 'int4';

/** Bits of a stored value. */
export const valueBits: Readonly<Record<BlockValues, number>> = {
  f32: 32,
  f16: 16,
  int8: 8,
  int4: 4,
};

/** Whether values are codes, whose number is `code · scale`, the scale that of their row. */
export const isCoded = (dtype: BlockValues): boolean => dtype === 'int8' || dtype === 'int4';

/**
 * Block sparsity (BSR): a matrix cut into blocks of `height` rows by `width` columns, of which only those that hold something
 * are stored. At the lower and right edge blocks reach beyond the matrix, with zeros. Blocks of 1 by 1 are compressed sparse
 * rows (CSR), those of 16 by 1 hold columns that 16 rows share, whatever the pattern is.
 *
 * In memory, for shape `[rows, columns]`: u32 words, sections at multiples of 16 bytes.
 * 1. row pointers, `⌈rows / height⌉ + 1` words: the blocks of row of blocks `r` are numbers `pointer[r]` to `pointer[r + 1] - 1`;
 *    the last is the number of blocks, so that a device needs no other count;
 * 2. scales, f16, one for each row; only of integers;
 * 3. columns, each block's number within the row of blocks, ascending: u16 where a row has at most 65,536 blocks, else u32;
 * 4. values, block after block, row-major within: f32, f16, bytes, or halves of bytes, the lower one first.
 */
export interface BlockSparseFormat extends FormatWithKernels {
  readonly height: number;
  readonly width: number;
  readonly dtype: BlockValues;
  /** A fact of one tensor: how many blocks it stores. Not part of the id. */
  readonly blocks: number;
}

export interface BlockSparseParameters {
  /** Rows of a block, 1 or a multiple of 4; default 16. */
  readonly height?: number;
  /** Columns of a block, 1 or a multiple of 4; default 16. */
  readonly width?: number;
  /** How values are stored; default f32. */
  readonly dtype?: BlockValues;
}

const family = 'block-sparse';

/** True of block-sparse formats. */
export const isBlockSparse = (format: WeightFormat): format is BlockSparseFormat => format.family === family;

/** Of the numbers of a matrix `[rows, columns]`, the part that blocks store: above 1 where they reach far beyond its edge. */
export const storedPart = (
  { blocks, height, width }: BlockSparseFormat,
  [rows, columns]: readonly number[],
): number => (blocks * height * width) / (rows! * columns! || 1);

/** Bytes of a block's number within its row of blocks. */
export const indexBytes = (columns: number, width: number): 2 | 4 =>
  Math.ceil(columns / width) <= 65_536 ? 2 : 4;

/** The value itself, with the kernels it brings. Throws `bad-format` for parameters that cannot be. */
export function blockSparseFormat(
  parameters: BlockSparseParameters,
  blocks: number,
  kernels: readonly Kernel[],
): BlockSparseFormat {
  checkOptions('block-sparse format', parameters, ['height', 'width', 'dtype']);
  const { height = 16, width = 16, dtype = 'f32' } = parameters;
  const cut = height === 1 && width === 1 ? 'csr' : `bsr-${height}x${width}`;
  const name = `${cut}${dtype === 'f32' ? '' : `-${dtype}`}`;
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem,
      requirement,
      fix: 'make the tensor with packBlockSparse',
    });
  };
  const fits = (size: number): boolean =>
    size === 1 || (Number.isInteger(size) && size > 0 && size <= 64 && size % 4 === 0);
  if (!fits(height) || !fits(width))
    refuse(`blocks of ${height} by ${width}`, 'sides are 1 or multiples of 4 up to 64');
  if (!Object.hasOwn(valueBits, dtype))
    refuse(`values of ${String(dtype)}`, `values are ${Object.keys(valueBits).join(', ')}`);
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
      return {
        name: sectionName,
        offset,
        rowBytes: 0,
        blockBytes: 0,
        sizeBytes,
      };
    };
    return {
      rows,
      columns,
      sections: [
        section('row pointers', 4 * (Math.ceil(rows / height) + 1)),
        ...(isCoded(dtype) ? [section('scales', 2 * rows)] : []),
        section('columns', blocks * indexBytes(columns, width)),
        section('values', Math.ceil((blocks * height * width * valueBits[dtype]) / 8)),
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
