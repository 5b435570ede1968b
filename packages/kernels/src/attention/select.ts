// The slot `select` of the kernels whose queries name their keys.
import type { Problem } from '../contract/contract.ts';
import type { Sizes } from '../contract/extent.ts';
import type { Filling } from '../contract/filling.ts';
import type { FillingScope, RowPlace } from './slots.ts';

/** Stands for no key, in lists and what writes them. */
export const noKey = 0xffff_ffff;

/**
 * `select`: `fn <slot>_key(row: Token, place: u32) -> u32`, the key in a place of a query's selection, `place` below
 * `params.selected`; 4294967295, or any number from the valid length on, where there is none. A key named twice counts twice.
 * `row.head` is the query's head; `HEADS` and `GROUP` (query heads to a key/value head) are constants.
 */
export type SelectReference = (row: RowPlace, place: number, scope: FillingScope) => number;

/** A filling of `select`, and what it demands of the sizes beside it. */
export interface SelectFilling extends Filling<SelectReference> {
  /** Throws `bad-shape` in the name of `kernel`. */
  readonly demand?: (kernel: string, axes: Sizes) => void;
}

/** Throws what the filling of `select` has against the sizes. */
export const validateSelect = (kernel: string, { slots, axes }: Problem): void =>
  (slots.select as SelectFilling).demand?.(kernel, axes);
