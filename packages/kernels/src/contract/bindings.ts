import type { Kernel, OptionTest, Problem, ProgramBinding, StorageType, TensorContract } from './contract.ts';

/** A tensor of a contract as a Program binds it, and what its buffer holds. */
export interface BoundTensor extends ProgramBinding {
  readonly dtype: StorageType;
}

/** The tensors of a contract that `problem` binds, inputs first. */
export const contractBindings = ({ inputs, outputs }: Kernel, problem: Problem): BoundTensor[] =>
  Object.entries<TensorContract>({ ...inputs, ...outputs })
    .filter(([, { when }]) => holds(when, problem.options))
    .map(([name, tensor]) => ({
      ...binding(
        name,
        name in inputs ? 'input' : holds(tensor.inOut ?? false, problem.options) ? 'in-out' : 'output',
      ),
      dtype: storageOf(tensor, problem.dtypes[name]),
    }));

export const binding = (name: string, role: ProgramBinding['role']): ProgramBinding => ({
  name,
  role,
  access: role === 'input' ? 'read' : 'read_write',
});

/** Whether an option has a wanted value; nothing wanted is right too. */
export const holds = (test: OptionTest | boolean | undefined = true, options: Problem['options']): boolean =>
  typeof test === 'object' ? test.includes(options[test[0]]!, 1) : test;

/** Whether a contract tensor takes part in this problem. */
export const isBound = ({ when }: TensorContract, { options }: Problem): boolean => holds(when, options);

/** The axes of a contract tensor in a Problem with these options, before an order is applied. */
export function declaredShape(
  { shape, shapeWhen }: Pick<TensorContract, 'shape' | 'shapeWhen'>,
  options: Problem['options'],
): readonly string[] {
  return shapeWhen && options[shapeWhen[0]] === shapeWhen[1] ? shapeWhen[2] : shape;
}

/** Whether an output's earlier contents count in this problem. */
export const isInOut = ({ inOut = false }: TensorContract, { options }: Problem): boolean =>
  holds(inOut, options);

/** The storage type of a tensor of a contract or a filling; weights are words. */
export const storageOf = (
  { dtype = 'float' }: Pick<TensorContract, 'dtype'>,
  chosen: StorageType | undefined,
): StorageType => (dtype === 'float' ? (chosen ?? 'f32') : dtype === 'weight' ? 'u32' : dtype);

/** Elements of a row of a contract tensor. */
export function rowLength(
  { inputs, outputs }: Pick<Kernel, 'inputs' | 'outputs'>,
  problem: Problem,
  name: string,
): number {
  const tensor: TensorContract = (inputs[name] ?? outputs[name])!;
  return declaredShape(tensor, problem.options)
    .slice(-(tensor.rowAxes ?? 1))
    .reduce((product, axis) => product * problem.axes[axis]!, 1);
}
