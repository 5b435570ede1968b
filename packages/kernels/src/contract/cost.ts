import { contractBindings } from './bindings.ts';
import { shapeOf } from './shape-of.ts';
import type { Cost, KernelCheck } from './check.ts';
import type { Problem, TensorContract } from './contract.ts';
import type { Kernel } from './define-kernel.ts';
import { storageBytes } from './storage-type.ts';

/** Compulsory bytes and floating-point operations of a Problem, whatever the Plan. Beside the kernel, in its check: a page has no use for it. */
export const costOf = ({ kernel, cost }: Pick<KernelCheck, 'kernel' | 'cost'>, problem: Problem): Cost =>
  cost(problem, bytesOnce(kernel, problem));

/** The size of every bound tensor of the contract, weights as if they were dense f32: each read or written once. */
function bytesOnce(kernel: Kernel, problem: Problem): number {
  const contract: Readonly<Record<string, TensorContract>> = { ...kernel.inputs, ...kernel.outputs };
  return contractBindings(kernel, problem)
    .map(({ name, dtype }) =>
      shapeOf(contract[name]!, problem.options).reduce(
        (size, axis) => size * problem.axes[axis]!,
        storageBytes(dtype),
      ),
    )
    .reduce((sum, bytes) => sum + bytes, 0);
}
