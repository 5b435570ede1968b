import { TilewrightError } from '../contract/errors.ts';
import { roundUp } from '../contract/extent.ts';
import { dtypeBytes } from './dtype.ts';
import {
  layoutName,
  type HostTensor,
  type IntegerLayout,
  type Layout,
  type NMLayout,
} from '../contract/layout.ts';
import { checkedLayout } from './parse-layout.ts';

/** A run of bytes inside a packed tensor in which row `r` starts at `offset + r · rowBytes`. */
export interface Section {
  /** Bytes from the tensor's start; a multiple of 16. */
  readonly offset: number;
  /** Bytes of one row; whole words for values and positions, 2 per group for scales, 1 per group for zero points. */
  readonly rowBytes: number;
  readonly sizeBytes: number;
}

/** Where the parts of a packed tensor lie: what a decoder needs to know besides the layout itself. */
export interface LayoutSections {
  /** All axes but the last, multiplied. */
  readonly rows: number;
  readonly columns: number;
  /** Columns that are stored, or stand for what is stored; `columns` itself for dense layouts. */
  readonly paddedColumns: number;
  /** Values stored in each row: `paddedColumns`, or `paddedColumns · n / m`. */
  readonly keptColumns: number;
  /** Scales in each row; 0 where there are none. */
  readonly groups: number;
  /** Elements, codes, or kept values. */
  readonly values: Section;
  readonly positions?: Section;
  readonly scales?: Section;
  readonly zeroPoints?: Section;
  readonly sizeBytes: number;
}

/** Bits of one stored position within a group of `m` columns. */
export const positionBits = (m: number): 1 | 2 | 4 => (m === 2 ? 1 : m === 4 ? 2 : 4);

/**
 * The sections of a tensor of `shape`; packed layouts take shapes `[rows, columns]`, dense ones any.
 *
 * @throws `bad-layout` for an impossible layout, `bad-shape` for a shape that the layout cannot have.
 */
export function layoutSections(layout: Layout, shape: readonly number[]): LayoutSections {
  checkedLayout(layout);
  const { rows, columns } = rowsAndColumns(layout, shape);
  if (layout.kind === 'dense') {
    const rowBytes = columns * dtypeBytes(layout.dtype);
    const values = { offset: 0, rowBytes, sizeBytes: rows * rowBytes };
    return {
      rows,
      columns,
      paddedColumns: columns,
      keptColumns: columns,
      groups: 0,
      values,
      sizeBytes: values.sizeBytes,
    };
  }

  let end = 0;
  const section = (rowBytes: number): Section => {
    const offset = end;
    end = roundUp(offset + rows * rowBytes, 16);
    return { offset, rowBytes, sizeBytes: rows * rowBytes };
  };
  const integer = integerOf(layout);
  const paddedColumns = roundUp(columns, integer === null ? 32 : integer.group);
  const keptColumns = layout.kind === 'n:m' ? (paddedColumns * layout.n) / layout.m : paddedColumns;
  const groups = integer === null ? 0 : paddedColumns / integer.group;
  const values = section((keptColumns * bitsPerValue(layout)) / 8);
  const positions =
    layout.kind === 'n:m' ? section(roundUp(keptColumns * positionBits(layout.m), 32) / 8) : null;
  const scales = integer === null ? null : section(2 * groups);
  const zeroPoints = integer?.zeroPoint === true ? section(groups) : null;
  return {
    rows,
    columns,
    paddedColumns,
    keptColumns,
    groups,
    values,
    ...(positions && { positions }),
    ...(scales && { scales }),
    ...(zeroPoints && { zeroPoints }),
    sizeBytes: end,
  };
}

/** Bytes of a tensor of `shape`; errors as in {@link layoutSections}. */
export const layoutBytes = (layout: Layout, shape: readonly number[]): number =>
  layoutSections(layout, shape).sizeBytes;

/** Stored bits, with scales, positions and padding, for each number of the logical shape; 0 for an empty tensor. */
export function bitsPerWeight(tensor: HostTensor): number {
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  return count === 0 ? 0 : (8 * tensor.bytes.byteLength) / count;
}

/** The sections of a tensor at hand; also `bad-argument` where its bytes are not as many as its layout takes. */
export function tensorSections(subject: string, tensor: HostTensor): LayoutSections {
  const sections = layoutSections(tensor.layout, tensor.shape);
  const sizeBytes = tensor.bytes.byteLength;
  if (sizeBytes === sections.sizeBytes) return sections;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `the tensor has ${sizeBytes} bytes`,
    requirement: `${layoutName(tensor.layout)} of shape [${tensor.shape.join(', ')}] takes ${sections.sizeBytes}`,
  });
}

/** The integer part of a layout, where it has one. */
export function integerOf(layout: Layout): IntegerLayout | null {
  if (layout.kind === 'integer') return layout;
  return layout.kind === 'n:m' && layout.values.kind === 'integer' ? layout.values : null;
}

function bitsPerValue(layout: IntegerLayout | NMLayout): number {
  const values = layout.kind === 'n:m' ? layout.values : layout;
  return values.kind === 'integer' ? values.bits : 8 * dtypeBytes(values.dtype);
}

function rowsAndColumns(layout: Layout, shape: readonly number[]): { rows: number; columns: number } {
  const problem = `shape [${shape.join(', ')}]`;
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new TilewrightError('bad-shape', {
      subject: 'layoutSections',
      problem,
      requirement: 'sizes are whole numbers from 0',
    });
  }
  if (layout.kind !== 'dense' && shape.length !== 2) {
    throw new TilewrightError('bad-shape', {
      subject: `layout ${layoutName(layout)}`,
      problem,
      requirement: 'packed layouts hold matrices, [rows, columns]',
      fix: 'fold the leading axes into one',
    });
  }
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  // 64 bits is more than any layout takes for an element.
  if (!Number.isSafeInteger(rows * columns * 64)) {
    throw new TilewrightError('bad-shape', {
      subject: 'layoutSections',
      problem,
      requirement: 'sizes multiply to a safe integer',
    });
  }
  return { rows, columns };
}
