// Values that are another order of what a buffer holds already. Data.
import type { Extent } from '@tilewright/kernels';

/** A part of the place along an axis: of `size` values, `stride` elements apart in memory. */
export interface ViewDigit {
  readonly size: Extent;
  readonly stride: Extent;
}

/** A value that holds nothing by itself: its elements are some of another one's, in another order. */
export interface View {
  /** The value that has a buffer. */
  readonly root: string;
  /** Elements of the root before the first. */
  readonly offset: Extent;
  /** Of each axis the digits of a place along it, outermost first: their sizes multiply to that of the axis. */
  readonly axes: readonly (readonly ViewDigit[])[];
}

/** A value that is written row-major once more, since what reads it cannot take the order it lies in. */
export interface CopiedValue {
  readonly value: string;
  /** The node that reads the copy first; of what a step returns, its name. */
  readonly reader: string;
  readonly reason: string;
}
