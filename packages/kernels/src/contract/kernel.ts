import type { Capabilities } from './capabilities.ts';
import type { WeightFormat } from './weight-format.ts';
import type { KernelDefinition, Plan, Problem, ProblemInput, Program, TensorContract } from './contract.ts';

/** A kernel: its contract, and the two pure functions from Problem to Plan to Program. */
export interface Kernel<Input extends string = string, Output extends string = string> {
  readonly name: string;
  readonly definition: KernelDefinition;
  readonly inputs: Readonly<Record<Input, TensorContract>>;
  readonly outputs: Readonly<Record<Output, TensorContract>>;
  /**
   * Fills in defaults. Throws a `RangeError` for a name that the contract does not have and for what is missing, and what the
   * kernel's own validation throws; `checkProblem` also checks the values, and says what was meant.
   */
  problem(input: ProblemInput): Problem;
  /** Every Plan that can run, best guess first; empty where none can, and `checkPlans` says why. */
  plans(problem: Problem, capabilities: Capabilities): readonly Plan[];
  /** Throws a `RangeError` for a variant that the kernel does not have; `checkPlan` says which it has. */
  program(problem: Problem, plan: Plan): Program;
}

/** A format that brings the kernels which multiply by it: of those without a reader nobody else's can. */
export interface FormatWithKernels extends WeightFormat {
  readonly kernels: readonly Kernel[];
}

/** The kernels that a format brings. */
export const kernelsOf = (format: WeightFormat): readonly Kernel[] =>
  'kernels' in format ? (format as FormatWithKernels).kernels : [];
