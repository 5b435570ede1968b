import type { Capabilities } from './capabilities.ts';
import type { KernelDefinition, Plan, Problem, ProblemInput, Program, TensorContract } from './contract.ts';

/** A kernel: its contract, and the two pure functions from Problem to Plan to Program. */
export interface Kernel<Input extends string = string, Output extends string = string> {
  readonly name: string;
  readonly definition: KernelDefinition;
  readonly inputs: Readonly<Record<Input, TensorContract>>;
  readonly outputs: Readonly<Record<Output, TensorContract>>;
  /** Fills in defaults and checks everything that needs no device. Throws `bad-argument`, `bad-shape`, `bad-dtype`. */
  problem(input: ProblemInput): Problem;
  /** Every Plan that can run, best guess first. Throws `no-variant` with each variant's reason when there is none. */
  plans(problem: Problem, capabilities: Capabilities): readonly Plan[];
  program(problem: Problem, plan: Plan): Program;
}
