import type { OptionValue, Problem, ProblemInput, StorageType } from './contract.ts';
import type { Kernel } from './define-kernel.ts';
import type { Sizes } from './extent.ts';

/** Applied to the result of every operation of an oracle: identity gives the exact answer, `Math.fround` what f32 costs. */
export type Round = (value: number) => number;

/** Values of a tensor as the oracle sees them: exact, whatever the storage (weights dequantized). */
export type OracleTensor = Float64Array;

export interface OracleInput {
  readonly axes: Sizes;
  readonly scalars: Readonly<Record<string, number>>;
  readonly uniforms: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, OptionValue>>;
  /** By contract name, fillings' tensors as `<slot>.<binding>`. */
  readonly inputs: Readonly<Record<string, OracleTensor>>;
  /** `Filling.reference` of each slot. */
  readonly slots: Readonly<Record<string, unknown>>;
  readonly round: Round;
}

/** The specification of a kernel, in f64, readable by somebody who never saw a GPU. In-out tensors are also in `inputs`. */
export type Oracle = (input: OracleInput) => Readonly<Record<string, OracleTensor>>;

/** One thing to compute, for tests and benches. */
export interface CheckCase extends ProblemInput {
  /** For failure messages and bench rows; made from the axes where absent. */
  readonly name?: string;
  readonly uniforms?: Readonly<Record<string, number>>;
  /** Standard deviation of the random inputs by tensor name; default 1. */
  readonly scale?: Readonly<Record<string, number>>;
  /** What this case is about where that is its data, instead of what the check draws for these tensors. */
  readonly inputs?: DrawInputs;
  /** The floor of this case, instead of the check's. */
  readonly floor?: number;
}

/** The Problem of a case, without what else a case says. */
export function caseProblem({
  axes,
  dtypes,
  formats,
  scalars,
  options,
  slots,
  views,
}: CheckCase): ProblemInput {
  return Object.fromEntries(
    Object.entries({ axes, dtypes, formats, scalars, options, slots, views }).filter(
      ([, member]) => member !== undefined,
    ),
  ) as unknown as ProblemInput;
}

/** A case from a real model. */
export interface Workload extends CheckCase {
  readonly name: string;
  /** The model it comes from, as its authors call it. */
  readonly model: string;
  /** `small` ones are checked in tests as well as timed. */
  readonly size: 'small' | 'large';
}

export type CheckInputs = Readonly<Record<string, Float32Array | Uint32Array | Int32Array>>;

/** Makes inputs by contract name, `<slot>.<binding>` for fillings'; `random` gives numbers from 0 to 1. */
export type DrawInputs = (input: CheckCase, random: () => number) => CheckInputs;

/** Compulsory memory traffic and arithmetic of a Problem, whatever the Plan. */
export interface Cost {
  readonly bytes: number;
  readonly flops: number;
}

/** What tests and benches need to know of a kernel; nothing that ships imports it. */
export interface KernelCheck {
  readonly kernel: Kernel;
  readonly reference: Oracle;
  /** `bytesOnce`: every bound tensor of the contract read or written once; weights counted as dense f32. */
  readonly cost: (problem: Problem, bytesOnce: number) => Cost;
  /** Irregular shapes, at most 20: 1, tile - 1, tile, tile + 1, primes. */
  readonly cases: readonly CheckCase[];
  readonly workloads: readonly Workload[];
  /** Storage types to run every case with; default: each of the contract's for all float tensors at once. */
  readonly dtypes?: readonly (StorageType | Readonly<Record<string, StorageType>>)[];
  /** Inputs that must obey rules (indices, lengths, probabilities); others are drawn from a normal distribution. */
  readonly inputs?: DrawInputs;
  /**
   * Added to twice the rounded oracle's own error: what WGSL's accuracy table allows beyond rounding (of `exp`: 3 + 2|x|
   * ULP, …), as a fraction of the largest output.
   */
  readonly floor: (input: CheckCase) => number;
  /** Outputs that must match exactly (indices). */
  readonly exact?: readonly string[];
  /**
   * Inputs of which NaN and infinity may also reach outputs that they have no part in, because 0 · NaN is NaN (values that a
   * mask hides).
   */
  readonly spreads?: readonly string[];
  /** Inputs whose NaN may leave no trace where all that multiplies it is 0, or so small that an adapter takes it for 0. */
  readonly skips?: readonly string[];
}
