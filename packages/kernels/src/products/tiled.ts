import type { Problem, Program } from '../contract/contract.ts';
import { ceilDiv, type Extent, times } from '../contract/extent.ts';
import { rowCount } from './frame.ts';
import type { Linear, LinearProgram } from './linear.ts';

/** A product that the variants with tiles can compute. */
export interface Tiled extends Pick<Linear, 'columns' | 'parts'> {
  readonly program: (input: LinearProgram) => Program;
  /** Each batch has a `b` of its own, so no tile reaches from one into the next. */
  readonly batched?: boolean;
}

/** Rows that a tile may be chosen from. */
export const tileableRows = ({ batched }: Tiled, { axes }: Problem): number =>
  (batched ? 1 : axes.batch!) * axes.m!;

/** How many tiles of `height` rows there are. */
export const rowTiles = ({ batched }: Tiled, height: number): Extent =>
  batched ? times('batch', ceilDiv('m', height)) : ceilDiv(rowCount, height);
