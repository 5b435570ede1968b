// What a call asks of a kernel, read from the tensors it is given.
import {
  checkProblem,
  holds,
  type Kernel,
  type Problem,
  type ProblemInput,
  shapeOf,
  type Sizes,
  type TensorContract,
  TilewrightError,
} from '@tilewright/kernels';
import { checkCall, checkKernel } from './check-call.ts';
import { denseFormat, missingTensor, unboundTensor } from './check-tensors.ts';
import { checkDivided, inferAxes } from './infer-axes.ts';
import type { RunOptions } from './run-options.ts';
import { elementCount, type Tensor } from './tensor.ts';

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
  checkKernel('kernelProblem', kernel);
  checkCall(kernel, options);
  const axes: Record<string, number> = { ...options.axes };
  const given = { ...options.inputs, ...options.outputs } as Record<string, Tensor>;
  const omitted = Object.values(options.slots ?? {}).flatMap(({ omits = [] }) => omits);
  const flags = { ...defaultsOf(kernel.definition.options), ...options.options };
  const settled = new Set(Object.keys(axes));
  const sources: Record<string, string> = {};
  for (const [name, contract] of Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs })) {
    const tensor = given[name];
    const bound = holds(contract.when, flags) && !omitted.includes(name);
    if (tensor) {
      if (!bound) throw unboundTensor(kernel, name, contract, flags);
      // A view says where rows lie, not how many there are: axes that no other tensor has are given.
      if (options.views?.[name]) continue;
      const shape = contract.flat ? [elementCount(tensor.shape)] : tensor.shape;
      inferAxes(kernel.name, name, contract, flags, shape, axes, sources);
      if (!contract.divides) for (const axis of shapeOf(contract, flags)) settled.add(axis);
    } else if (name in kernel.inputs && bound)
      throw missingTensor(kernel.name, name, Object.keys(kernel.inputs), name in given);
  }
  for (const [name, tensor] of Object.entries(given)) {
    const contract = kernel.inputs[name];
    if (contract?.divides && tensor) checkDivided(kernel.name, name, contract, flags, tensor, axes, settled);
  }
  checkAxesKnown(kernel, given, axes, flags);
  const dtypes = Object.fromEntries(
    Object.entries(given)
      .filter(([, tensor]) => tensor?.dtype === 'f16' || tensor.dtype === 'f32')
      .map(([name, tensor]) => [name, tensor.dtype]),
  );
  const formats = Object.fromEntries(
    Object.entries(given).flatMap(([name, tensor]) => {
      const format = tensor.format ?? denseFormat(kernel, name, tensor);
      return format ? [[name, format]] : [];
    }),
  );
  const problem = checkProblem(kernel, {
    ...pick(options),
    axes,
    dtypes: { ...dtypes, ...options.dtypes },
    formats: { ...formats, ...options.formats },
  });
  return { given, problem };
}

/** Axes that no tensor of the contract has are the caller's to give: a filling's tensors are held against them. */
function checkAxesKnown(
  { name: subject, inputs, outputs, definition }: Kernel,
  given: Readonly<Record<string, Tensor>>,
  axes: Sizes,
  flags: Problem['options'],
): void {
  for (const [name, tensor] of Object.entries(given))
    if (tensor?.shape.includes(0) && !(name in inputs || name in outputs))
      throw new TilewrightError('bad-shape', {
        subject,
        problem: `'${name}' has shape [${tensor.shape.join(', ')}]`,
        requirement: 'a kernel runs on sizes from 1',
        fix: 'leave the call out where there is nothing to compute',
      });
  const unknown = Object.keys(definition.axes).filter(
    (axis) => holds(definition.axesWhen?.[axis], flags) && axes[axis] === undefined,
  );
  if (unknown.length > 0)
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `nothing says how large ${unknown.join(' and ')} ${unknown.length > 1 ? 'are' : 'is'}`,
      requirement: 'sizes that the shapes of the tensors given do not tell are part of the call',
      fix: `give axes: { ${unknown.map((axis) => `${axis}: …`).join(', ')} }`,
    });
}

function pick(options: Partial<ProblemInput>): Omit<ProblemInput, 'axes' | 'dtypes' | 'formats'> {
  const { scalars, options: flags, slots, views } = options;
  return {
    ...(scalars && { scalars }),
    ...(flags && { options: flags }),
    ...(slots && { slots }),
    ...(views && { views }),
  };
}

/** The defaults of a kernel's options: the first value of each. */
const defaultsOf = (options: Kernel['definition']['options'] = {}): Problem['options'] =>
  Object.fromEntries(Object.entries(options).map(([name, [first]]) => [name, first]));
