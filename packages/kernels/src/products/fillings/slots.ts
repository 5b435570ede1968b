// The functions that stand for the slots of matmul, gemv and gate-up in their oracles.
import type { Round } from '../../contract/check.ts';
import type { Expression } from '../../numbers/expression.ts';

export interface SlotArguments {
  /** Rows of the activation, `batch · m`. */
  readonly rows: number;
  /** Columns of the tensor at hand: k for the activation's slots, the kernel's output columns for the epilogue. */
  readonly columns: number;
  /** The filling's own tensors, by binding name; in-out ones as they were before. */
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly uniforms: Readonly<Record<string, number>>;
  readonly round: Round;
}

/** Of `load_a`: the activation `[rows, k]` as the product sees it. */
export type LoadAReference = (args: SlotArguments & { readonly a: Float64Array }) => Float64Array;

/**
 * Of `observe_a`: a factor for each row of the product, from the activation as it is stored; or what says it,
 * 1 / sqrt(sum of squares / k + eps).
 */
export type ObserveAReference =
  | { readonly eps: number; readonly k: number }
  | ((args: SlotArguments & { readonly a: Float64Array }) => Float64Array);

/** Of `epilogue`: every output, under `y` or the name of the filling's binding, from the product `y` `[rows, columns]`. */
export type EpilogueReference = (
  args: SlotArguments & { readonly y: Float64Array },
) => Readonly<Record<string, Float64Array>>;

/** Of `activation`: a formula of `gate` and `up`, or a function of both, of any equal length, to one. */
export type ActivationReference =
  | Expression
  | ((gate: Float64Array, up: Float64Array, round: Round) => Float64Array);
