import type { Plan, ProblemInput, Sizes } from '@tilewright/kernels';
import type { Tensor } from './tensor.ts';

export interface RunOptions<Input extends string, Output extends string> extends Partial<ProblemInput> {
  /**
   * The tensors to read, fillings' ones as `<slot>.<binding>`. Axes are taken from their shapes. Those that an option
   * leaves out may be absent; any other that is missing is refused by name.
   */
  readonly inputs: Readonly<Partial<Record<Input, Tensor>>> & Readonly<Record<string, Tensor>>;
  /** Tensors to write; those that are absent are made (and are then yours to dispose of). */
  readonly outputs?: Readonly<Partial<Record<Output, Tensor>>> & Readonly<Record<string, Tensor>>;
  /** Values of the kernel's uniforms. */
  readonly uniforms?: Sizes;
  /** Default: the first of `kernel.plans`. */
  readonly plan?: Plan;
}
