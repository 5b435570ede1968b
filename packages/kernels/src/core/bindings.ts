import type { Problem, ProgramBinding, StorageType, TensorContract } from './contract.ts';
import type { Kernel } from './define-kernel.ts';

/** A tensor of a contract as a Program binds it, and what its buffer holds. */
export interface BoundTensor extends ProgramBinding {
  readonly dtype: StorageType;
}

/** The tensors of a contract that `problem` binds, inputs first. */
export function contractBindings({ inputs, outputs }: Kernel, problem: Problem): BoundTensor[] {
  return Object.entries<TensorContract>({ ...inputs, ...outputs })
    .filter(([, tensor]) => isBound(tensor, problem))
    .map(([name, tensor]) => ({
      ...binding(name, name in inputs ? 'input' : isInOut(tensor, problem) ? 'in-out' : 'output'),
      dtype: storageOf(tensor, problem.dtypes[name]),
    }));
}

export const binding = (name: string, role: ProgramBinding['role']): ProgramBinding => ({
  name,
  role,
  access: role === 'input' ? 'read' : 'read_write',
});

/** Whether a contract tensor takes part in this problem. */
export function isBound({ when }: TensorContract, problem: Problem): boolean {
  return when === undefined || problem.options[when[0]] === when[1];
}

/** The axes of a contract tensor in a Problem with these options. */
export function shapeOf(
  { shape, shapeWhen }: TensorContract,
  options: Problem['options'],
): readonly string[] {
  return shapeWhen && options[shapeWhen[0]] === shapeWhen[1] ? shapeWhen[2] : shape;
}

/** Whether an output's earlier contents count in this problem. */
export function isInOut({ inOut = false }: TensorContract, problem: Problem): boolean {
  return typeof inOut === 'boolean' ? inOut : problem.options[inOut[0]] === inOut[1];
}

/** The storage type of a tensor of a contract or a filling; weights are words. */
export function storageOf(
  tensor: Pick<TensorContract, 'dtype'>,
  chosen: StorageType | undefined,
): StorageType {
  const { dtype = 'float' } = tensor;
  return dtype === 'float' ? (chosen ?? 'f32') : dtype === 'weight' ? 'u32' : dtype;
}
