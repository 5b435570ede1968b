import { compensatedSweep, type FactoredGram, type FloatMatrix, rowRuns } from '@tilewright/compression';
import { type ProductRoom, productRoom } from '@tilewright/compression/linalg';
import type { Quantizer } from '@tilewright/kernels';
import type { HostTensor } from '@tilewright/kernels/weights';

/** A weight to be rounded column by column. */
export interface RoundingTask<Grid> {
  readonly shape: readonly number[];
  /** The numbers of a run of rows. */
  readonly rowsOf: (range: readonly [from: number, to: number]) => FloatMatrix;
  readonly factored: FactoredGram;
  readonly quantizer: Quantizer<Grid>;
  /** Whether grids are fitted to the weight as it was, before anything is rounded. */
  readonly gridsFirst: boolean;
}

/** Codes and grids of all rows, as a quantizer packs them. */
interface Rounded<Grid> {
  codes: Uint8Array | Uint16Array;
  readonly grids: Grid[];
}

/**
 * A weight rounded column by column, the columns still to come making up for each error. Rows do not depend on each other
 * and are done in runs, so that the numbers of few of them are in memory at once.
 */
export function roundColumns<Grid>(task: RoundingTask<Grid>): HostTensor {
  const { quantizer, shape } = task;
  const { codes, grids } = roundAll(task);
  return quantizer.pack(codes, grids, shape);
}

/** Apart from packing, so that the factor is gone by then. */
function roundAll<Grid>({ shape, factored, ...task }: RoundingTask<Grid>): Rounded<Grid> {
  const { order, factor } = factored;
  const [rows, columns] = shape as [number, number];
  // An error e at a column costs (e / U[j][j])² in the outputs: what a search for grids minimises.
  const costs = new Float64Array(columns);
  order.forEach((column, c) => (costs[column] = 1 / factor.data[factor.rowStart(c) + c]! ** 2));
  // Most codes are bytes; a wider one widens them all.
  const rounded: Rounded<Grid> = {
    codes: new Uint8Array(rows * Math.ceil(columns / task.quantizer.lanes)),
    grids: [],
  };
  // Kept from run to run: what is left behind is collected late, and would add up.
  const [first = [0, 0]] = rowRuns(shape);
  const buffer = new Float64Array((first[1] - first[0]) * columns);
  const room = productRoom();
  for (const range of rowRuns(shape))
    roundRows({ ...task, factored, shape }, range, costs, rounded, buffer, room);
  return rounded;
}

function roundRows<Grid>(
  { rowsOf, factored: { order, factor }, quantizer, gridsFirst }: RoundingTask<Grid>,
  range: readonly [from: number, to: number],
  costs: Float64Array,
  rounded: Rounded<Grid>,
  buffer: Float64Array,
  room: ProductRoom,
): void {
  const { rows, columns, values, kept } = rowsOf(range);
  const { span, lanes } = quantizer;
  const spans = Math.ceil(columns / span);
  const codesPerRow = Math.ceil(columns / lanes);
  const isKept = (row: number, column: number): boolean =>
    kept === null || kept[row * columns + column] === 1;
  const weights = buffer.subarray(0, rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) weights[r * columns + c] = values[r * columns + order[c]!]!;
  }

  const spanValues = new Float64Array(span);
  const spanCosts = new Float64Array(span);
  const fit = (
    row: number,
    index: number,
    columnAt: (i: number) => number,
    valueAt: (i: number) => number,
  ): void => {
    const count = Math.min(span, columns - index * span);
    for (let i = 0; i < count; i++) {
      const column = columnAt(i);
      spanValues[i] = isKept(row, column) ? valueAt(i) : 0;
      spanCosts[i] = costs[column]!;
    }
    rounded.grids[(range[0] + row) * spans + index] = quantizer.fit(spanValues, 0, count, spanCosts);
  };
  if (gridsFirst) {
    for (let r = 0; r < rows; r++) {
      for (let g = 0; g < spans; g++) {
        const columnAt = (i: number): number => g * span + i;
        fit(r, g, columnAt, (i) => values[r * columns + columnAt(i)]!);
      }
    }
  }

  // The code of the lanes that are being rounded, chosen at the first of them.
  let code = 0;
  const choose = (r: number, c: number): number => {
    const column = order[c]!;
    const index = Math.floor(column / span);
    if (!gridsFirst && c % span === 0) {
      fit(
        r,
        index,
        (i) => order[c + i]!,
        (i) => weights[r * columns + c + i]!,
      );
    }
    const grid = rounded.grids[(range[0] + r) * spans + index]!;
    const lane = c % lanes;
    if (lane === 0) {
      const count = Math.min(lanes, columns - c);
      code = isKept(r, column)
        ? quantizer.nearest(grid, weights, r * columns + c, count)
        : quantizer.zero(grid);
      if (code > 255 && rounded.codes instanceof Uint8Array) rounded.codes = Uint16Array.from(rounded.codes);
      rounded.codes[(range[0] + r) * codesPerRow + Math.floor(column / lanes)] = code;
    }
    return quantizer.value(grid, code, lane);
  };
  const block = blockOf(span, columns);
  compensatedSweep({ weights, rows, columns, factor, block, choose, room });
}

/** Columns whose errors are carried on at once, as in the paper. */
const mostColumns = 128;

/** Columns of a block: such that every span begins where a block does or within one that holds it whole, so that its weights are up to date. */
function blockOf(span: number, columns: number): number {
  if (span <= mostColumns) return Math.floor(mostColumns / span) * span;
  if (span >= columns) return mostColumns;
  let block = mostColumns;
  while (span % block !== 0) block--;
  return block;
}
