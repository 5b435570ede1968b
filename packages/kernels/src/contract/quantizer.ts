import type { HostTensor, WeightFormat } from './weight-format.ts';

/**
 * How numbers become the codes of a format: what rounding, GPTQ and AWQ need to know of it, and all they need. Columns of a
 * row are cut into spans, each with a `Grid`, the numbers that its codes can stand for; a code stands for `lanes` of them.
 */
export interface Quantizer<Grid = unknown> {
  /** For people, in names of recipes: `int4`, `int4-g128-zp`. */
  readonly name: string;
  readonly format: WeightFormat;
  /** Columns that are fitted together; the last span of a row may be shorter. A multiple of `lanes`. */
  readonly span: number;
  /** Neighbouring columns that one code stands for. */
  readonly lanes: number;
  /** The largest magnitude that surely has a grid. */
  readonly limit: number;
  /** The grid for `count` values from `values[start]` on; `costs` weighs their squared errors, where given. */
  readonly fit: (values: Float64Array, start: number, count: number, costs?: Float64Array) => Grid;
  /** The code nearest to the `lanes` values from `values[at]` on (fewer at the end of a row: `count`). */
  readonly nearest: (grid: Grid, values: Float64Array, at: number, count: number) => number;
  /** What a code stands for in one of its lanes. */
  readonly value: (grid: Grid, code: number, lane: number) => number;
  /** The code that stands for zero in all lanes; of a table without a zero the one that lies nearest. */
  readonly zero: (grid: Grid) => number;
  /** A tensor from codes `[rows, ⌈columns / lanes⌉]` and grids `[rows, ⌈columns / span⌉]`. */
  readonly pack: (
    codes: Uint8Array | Uint16Array,
    grids: readonly Grid[],
    shape: readonly number[],
  ) => HostTensor;
}

/**
 * How numbers become codes of a format in which a whole tensor or whole rows have something in common: a table, an outer scale, one
 * scale a row. It makes the quantizer of each tensor.
 */
export interface TensorQuantizer<Grid = unknown> extends Pick<Quantizer, 'name' | 'format' | 'limit'> {
  /** For a tensor of rows of so many columns, whose numbers come as runs of whole rows. */
  readonly forTensor: (runs: Iterable<ArrayLike<number>>, columns: number) => Quantizer<Grid>;
}
