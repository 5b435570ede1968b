// What matmul, gemv and gate-up have in common: inputs, slots, checks and cost.
import type { Problem, TensorContract } from '../contract/contract.ts';
import type { SlotContract } from '../contract/filling.ts';
import { storeEpilogue } from './fillings/epilogue.ts';
import { plainA } from './fillings/load-a.ts';
import { observeNothing } from './fillings/observe-a.ts';
import type { FormatReader, WeightFormat } from '../contract/weight-format.ts';
import { dense } from '../weights/dense/format.ts';
import { formatBytes } from '../weights/sections.ts';
import { storageBytes } from '../contract/storage-type.ts';

/**
 * The slots of every product with a weight.
 *
 * - `load_a(row, quad, v)`: columns 4·quad to 4·quad + 3 of a row of the activation, stored as v and zero beyond k, as the
 *   product takes them.
 * - `observe_a(v)` is summed over every row of the activation as it is stored; `observe_a_finish(sum)` is the factor of the
 *   row's results.
 * - `epilogue(row, column, v)` stores four neighbouring columns; row counts over batches, column is a multiple of 4 below the
 *   row's end; `y_store_quad(row, column, v)` stores to y.
 */
export const linearSlots: Readonly<Record<'load_a' | 'observe_a' | 'epilogue', SlotContract>> = {
  /** Four columns of a row of the activation: gains, formats. */
  load_a: { default: plainA },
  /** A sum over a row of the activation, and the factor made of it. */
  observe_a: { default: observeNothing },
  /** Stores four columns: biases, activations, residuals. */
  epilogue: { default: storeEpilogue },
};

export const weightB: TensorContract = { shape: ['n', 'k'], dtype: 'weight' };

export const formatOfB = (problem: Problem): WeightFormat => problem.formats.b ?? dense('f32');

/** Whether products read the weight: true, or why not. */
export const readsWeight = (problem: Problem): true | string =>
  formatOfB(problem).reader !== undefined || `weights stored as ${formatOfB(problem).name} have no reader`;

/** How the weight is read; only of what {@link readsWeight}. */
export const readerOfB = (problem: Problem): FormatReader => formatOfB(problem).reader!;

/** Quads of a block of the weight's rows: the format's own, or where rows are cut at will `otherwise`. */
export const blockQuadsOfB = (problem: Problem, otherwise: number): number =>
  readerOfB(problem).blockQuads ?? otherwise;

/** Bytes of the activation and the result, and of the weight once. */
export function linearBytes(problem: Problem, weightRows: number, outputColumns: number): number {
  const { batch, m, k } = problem.axes as { batch: number; m: number; k: number };
  const size = (name: string): number => storageBytes(problem.dtypes[name]);
  return (
    batch * m * (k * size('a') + outputColumns * size('y')) + formatBytes(formatOfB(problem), [weightRows, k])
  );
}
