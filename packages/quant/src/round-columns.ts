import { compensatedSweep, type FactoredGram, type FloatMatrix, rowRuns } from '@tilewright/compression';
import { type ProductRoom, productRoom } from '@tilewright/compression/linalg';
import type { Quantizer } from '@tilewright/kernels';
import { concatRows, type HostTensor, type RowRange } from '@tilewright/kernels/weights';

/** A weight to be rounded column by column. */
export interface RoundingTask<Grid> {
  readonly shape: readonly number[];
  /** The numbers of a run of rows. */
  readonly rowsOf: (range: RowRange) => FloatMatrix;
  readonly factored: FactoredGram;
  readonly quantizer: Quantizer<Grid>;
  /** Whether grids are fitted to the weight as it was, before anything is rounded. */
  readonly gridsFirst: boolean;
}

/** Codes and grids of some rows, as a quantizer packs them. */
interface Rounded<Grid> {
  codes: Uint8Array | Uint16Array;
  readonly grids: Grid[];
}

/**
 * A weight rounded column by column, the columns still to come making up for each error. Rows do not depend on each other
 * and are done in runs, so that the numbers, codes and grids of few of them are in memory at once.
 */
export function roundColumns<Grid>(task: RoundingTask<Grid>): HostTensor {
  const { quantizer, shape, factored } = task;
  const { order, factor } = factored;
  const [, columns] = shape as [number, number];
  // An error e at a column costs (e / U[j][j])² in the outputs: what a search for grids minimises.
  const costs = new Float64Array(columns);
  order.forEach((column, c) => (costs[column] = 1 / factor.data[factor.rowStart(c) + c]! ** 2));
  // Kept from run to run: what is left behind is collected late, and would add up.
  const ranges = rowRuns(shape);
  const [first = [0, 0]] = ranges;
  const buffer = new Float64Array((first[1] - first[0]) * columns);
  const room = productRoom();
  const roundRun = (range: RowRange): Rounded<Grid> => roundRows(task, range, costs, buffer, room);
  if (ranges.length > 0 && !quantizer.format.unjoined && !quantizer.format.rowless)
    return concatRows(
      ranges.map((range) => {
        const { codes, grids } = roundRun(range);
        return quantizer.pack(codes, grids, [range[1] - range[0], columns]);
      }),
    );
  const runs = ranges.map(roundRun);
  const codes = new Uint16Array(runs.reduce((sum, run) => sum + run.codes.length, 0));
  let at = 0;
  for (const run of runs) {
    codes.set(run.codes, at);
    at += run.codes.length;
  }
  return quantizer.pack(
    codes,
    runs.flatMap(({ grids }) => grids),
    shape,
  );
}

function roundRows<Grid>(
  { rowsOf, factored: { order, factor }, quantizer, gridsFirst }: RoundingTask<Grid>,
  range: RowRange,
  costs: Float64Array,
  buffer: Float64Array,
  room: ProductRoom,
): Rounded<Grid> {
  const { rows, columns, values, kept } = rowsOf(range);
  const { span, lanes } = quantizer;
  const spans = Math.ceil(columns / span);
  const codesPerRow = Math.ceil(columns / lanes);
  // Most codes are bytes; a wider one widens them all.
  const rounded: Rounded<Grid> = { codes: new Uint8Array(rows * codesPerRow), grids: [] };
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
    rounded.grids[row * spans + index] = quantizer.fit(spanValues, 0, count, spanCosts);
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
    const grid = rounded.grids[r * spans + index]!;
    const lane = c % lanes;
    if (lane === 0) {
      const count = Math.min(lanes, columns - c);
      code = isKept(r, column)
        ? quantizer.nearest(grid, weights, r * columns + c, count)
        : quantizer.zero(grid);
      if (code > 255 && rounded.codes instanceof Uint8Array) rounded.codes = Uint16Array.from(rounded.codes);
      rounded.codes[r * codesPerRow + Math.floor(column / lanes)] = code;
    }
    return quantizer.value(grid, code, lane);
  };
  const block = blockOf(span, columns);
  compensatedSweep({ weights, rows, columns, factor, block, choose, room });
  return rounded;
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
