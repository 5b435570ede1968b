import { checkCompressionKinds } from './check-kinds.ts';
import { type ProductRoom, productRoom, subtractProduct, type UpperTriangle } from './linalg/index.ts';
import { triangleView } from './linalg/triangle.ts';

/** A matrix to be simplified column by column, and how. */
export interface SweepInput {
  /** `[rows, columns]`, columns in the order of treatment; overwritten by the values chosen. */
  readonly weights: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** `U [columns, columns]` of `inverseFactor`, for columns in the same order. */
  readonly factor: UpperTriangle;
  /** Columns whose errors are carried to the rest at once. */
  readonly block: number;
  /** Room for the products of this sweep and others. */
  readonly room?: ProductRoom;
  /** Called before a block's columns are treated; errors of all earlier blocks have been carried into `weights`. */
  readonly beginBlock?: (start: number, end: number) => void;
  /**
   * The simpler value (rounded, or zero) that takes the place of `value`, the weight after all earlier errors of its
   * row have been made up for. Within a block, called for one row after the other, columns ascending; the weights of
   * the row's later columns in the block are up to date.
   */
  readonly choose: (row: number, column: number, value: number) => number;
}

const sweepNames = Object.keys({
  weights: true,
  rows: true,
  columns: true,
  factor: true,
  block: true,
  room: true,
  beginBlock: true,
  choose: true,
} satisfies Record<keyof SweepInput, true>);

/**
 * Replaces the columns of a weight one after the other by simpler values, each time changing the columns still to come
 * so that the outputs change as little as possible: the step that GPTQ and SparseGPT share.
 *
 * Source: Frantar et al., GPTQ (2022), algorithm 1; Frantar and Alistarh, SparseGPT (2023), algorithm 1.
 *
 * @returns the squared output error that the choices cost, `tr((W - Ŵ) H (W - Ŵ)ᵀ)`, for the `H` that `factor` is of.
 */
export function compensatedSweep(input: SweepInput): number {
  checkCompressionKinds('compensatedSweep', input, sweepNames);
  const { weights, rows, columns, factor, block, beginBlock, choose, room = productRoom() } = input;
  const errors = new Float64Array(rows * block);
  const { data: u } = factor;
  const starts = new Float64Array(block);
  let cost = 0;
  for (let start = 0; start < columns; start += block) {
    const end = Math.min(columns, start + block);
    beginBlock?.(start, end);
    for (let c = start; c < end; c++) starts[c - start] = factor.rowStart(c);
    for (let r = 0; r < rows; r++) {
      const row = r * columns;
      for (let c = start; c < end; c++) {
        const value = weights[row + c]!;
        const chosen = choose(r, c, value);
        const error = (value - chosen) / u[starts[c - start]! + c]!;
        weights[row + c] = chosen;
        errors[r * block + c - start] = error;
        if (error === 0) continue;
        cost += error * error;
        const from = starts[c - start]!;
        for (let k = c + 1; k < end; k++) weights[row + k] = weights[row + k]! - error * u[from + k]!;
      }
    }
    const rest = {
      data: weights,
      offset: end,
      rowStride: columns,
      columnStride: 1,
    };
    for (let c = start; c < end; c = Math.min(end, factor.panelEnd(c))) {
      const inner = Math.min(end, factor.panelEnd(c)) - c;
      const made = {
        data: errors,
        offset: c - start,
        rowStride: block,
        columnStride: 1,
      };
      subtractProduct(rest, made, triangleView(factor, c, end), rows, inner, columns - end, room);
    }
  }
  return cost;
}
