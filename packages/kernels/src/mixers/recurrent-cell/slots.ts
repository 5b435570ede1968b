// What the slot of recurrent-cell promises.
//
// WGSL sees these (places.wgsl):
//   struct CellPlace { direction: u32, unit: u32 }
//   struct CellState { hidden: f32, memory: f32 }
import type { Round } from '../../contract/check.ts';
import type { Filling } from '../../contract/filling.ts';
import type { Expression } from '../../numbers/expression.ts';

/** A hidden unit of a direction. */
export interface CellPlace {
  readonly direction: number;
  readonly unit: number;
}

export interface CellState {
  readonly hidden: number;
  /** Of cells that keep one beside what they show. */
  readonly memory: number;
}

/** What a reference may read: its filling's tensors by binding name, sizes, and formulas of `x`. */
export interface CellScope {
  tensor(binding: string): Float64Array;
  readonly axes: Readonly<Record<string, number>>;
  activate(formula: Expression, x: number): number;
  readonly round: Round;
}

/** A unit and a token: of each gate what the token says, and what the state before it does. */
export interface CellInput {
  readonly place: CellPlace;
  readonly x: readonly number[];
  readonly h: readonly number[];
  readonly before: CellState;
}

/**
 * `fn <slot>(place: CellPlace, x: array<f32, GATES>, h: array<f32, GATES>, before: CellState) -> CellState`; of a cell that is `late`
 * also `fn <slot>_reset(place, x, h, hidden: f32) -> f32`, of the gates but the last: what stands for a unit's hidden state
 * in the last gate's product.
 */
export interface CellReference {
  readonly step: (input: CellInput, scope: CellScope) => CellState;
  readonly reset?: (input: CellInput, scope: CellScope) => number;
}

/** A cell: what fills the slot, and what the kernel has to know of it. */
export interface RecurrentCell extends Filling<CellReference> {
  /** Products of the hidden state for each unit. */
  readonly gates: number;
  /** The last gate's product is of what the others make of the hidden state, not of the state itself. */
  readonly late: boolean;
  /** It keeps a number beside the hidden state. */
  readonly memory: boolean;
}
