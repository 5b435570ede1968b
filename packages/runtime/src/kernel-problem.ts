// What a call asks of a kernel, read from the tensors it is given.
import {
  holds,
  type Kernel,
  type Plan,
  type Problem,
  type ProblemInput,
  shapeOf,
  type Sizes,
  type TensorContract,
  TilewrightError,
} from '@tilewright/kernels';
import { denseLayout, inferAxes, missingTensor } from './check-tensors.ts';
import { elementCount, type Tensor } from './tensor.ts';

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

/** The Problem of a call, for `kernel.plans` and `kernel.program`. Throws what `bindKernel` would throw of its shapes. */
export const kernelProblem = <Input extends string, Output extends string>(
  kernel: Kernel<Input, Output>,
  options: RunOptions<Input, Output>,
): Problem => tensorsAndProblem(kernel, options).problem;

/** The tensors of a call by name, and its Problem. */
export function tensorsAndProblem(
  kernel: Kernel,
  options: RunOptions<string, string>,
): { readonly given: Readonly<Record<string, Tensor>>; readonly problem: Problem } {
  const axes: Record<string, number> = { ...options.axes };
  const given = { ...options.inputs, ...options.outputs } as Record<string, Tensor>;
  const known = Object.keys({ ...kernel.inputs, ...kernel.outputs });
  const omitted = Object.values(options.slots ?? {}).flatMap(({ omits = [] }) => omits);
  for (const name of Object.keys(given))
    if (!known.includes(name) && !name.includes('.'))
      throw new TilewrightError('bad-argument', {
        subject: kernel.name,
        problem: `unknown tensor '${name}'`,
        requirement: `the tensors are ${known.join(', ')}`,
        fix: 'remove or rename it',
      });
  for (const [name, contract] of Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs })) {
    const tensor = given[name];
    if (tensor) {
      const shape = contract.flat ? [elementCount(tensor.shape)] : tensor.shape;
      inferAxes(kernel.name, name, shapeOf(contract, options.options ?? {}), shape, axes);
    } else if (
      name in kernel.inputs &&
      holds(contract.when, options.options ?? {}) &&
      !omitted.includes(name)
    )
      throw missingTensor(kernel.name, name, Object.keys(kernel.inputs));
  }
  const dtypes = Object.fromEntries(
    Object.entries(given)
      .filter(([, tensor]) => tensor.dtype === 'f16' || tensor.dtype === 'f32')
      .map(([name, tensor]) => [name, tensor.dtype]),
  );
  const layouts = Object.fromEntries(
    Object.entries(given).flatMap(([name, tensor]) => {
      const layout = tensor.layout ?? denseLayout(kernel, name, tensor);
      return layout ? [[name, layout]] : [];
    }),
  );
  const problem = kernel.problem({
    ...pick(options),
    axes,
    dtypes: { ...dtypes, ...options.dtypes },
    layouts: { ...layouts, ...options.layouts },
  });
  return { given, problem };
}

function pick(options: Partial<ProblemInput>): Omit<ProblemInput, 'axes' | 'dtypes' | 'layouts'> {
  const { scalars, options: flags, slots } = options;
  return {
    ...(scalars && { scalars }),
    ...(flags && { options: flags }),
    ...(slots && { slots }),
  };
}
