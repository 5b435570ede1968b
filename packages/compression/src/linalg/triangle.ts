import { checkOptions, having, nonNegativeInteger, type OptionKind } from '@tilewright/kernels';
import type { StridedMatrix } from './subtract-product.ts';

/** Rows that begin at the same column: a whole number of the blocks that factoring works on. */
const panelRows = 192;

/**
 * An upper triangular `[size, size]` matrix of f64 in little more than half the memory of a square: panels of rows, each from the
 * column of its first row on. Of 4,096 rows it takes 67 MiB. What lies below the diagonal in a panel is there, and zero.
 */
export interface UpperTriangle {
  readonly size: number;
  readonly data: Float64Array;
  /** Element (row, column) is `data[rowStart(row) + column]`, for columns from that of the panel's first row on. */
  readonly rowStart: (row: number) => number;
  /** The first row behind the panel of a row. */
  readonly panelEnd: (row: number) => number;
}

/** A triangle of zeros. */
export function upperTriangle(size: number): UpperTriangle {
  checkOptions('upperTriangle', { size }, { size: nonNegativeInteger });
  const starts: number[] = [];
  let length = 0;
  for (let first = 0; first < size; first += panelRows) {
    starts.push(length);
    length += Math.min(panelRows, size - first) * (size - first);
  }
  return {
    size,
    data: new Float64Array(length),
    rowStart: (row) => {
      const panel = Math.floor(row / panelRows);
      const first = panel * panelRows;
      return starts[panel]! + (row - first) * (size - first) - first;
    },
    panelEnd: (row) => Math.min(size, (Math.floor(row / panelRows) + 1) * panelRows),
  };
}

/** Rows and columns from these on, to the end of the row's panel. */
export const triangleView = (
  { size, data, rowStart }: UpperTriangle,
  row: number,
  column: number,
): StridedMatrix => ({
  data,
  offset: rowStart(row) + column,
  rowStride: size - Math.floor(row / panelRows) * panelRows,
  columnStride: 1,
});

/** What an argument that is to be a triangle must be. */
export const triangleKind: OptionKind = /* @__PURE__ */ having(
  'what upperTriangle gives',
  'size',
  'data',
  'rowStart',
);

/** Throws `bad-argument` for what is no triangle. */
export const checkTriangle = (subject: string, triangle: UpperTriangle): void =>
  checkOptions(subject, { triangle }, { triangle: triangleKind });
