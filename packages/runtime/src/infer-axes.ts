// Axes that a call does not give are read from the shapes of its tensors, in the orders that its options name.
import { type Problem, shapeOf, type TensorContract, TilewrightError } from '@tilewright/kernels';
import type { Tensor } from './tensor.ts';

/**
 * Adds what a tensor's shape says to `axes`, and to `sources` which tensor said so where an option orders it. Throws `bad-shape` for
 * what does not fit them.
 */
export function inferAxes(
  kernel: string,
  name: string,
  contract: TensorContract,
  flags: Problem['options'],
  shape: readonly number[],
  axes: Record<string, number>,
  sources: Record<string, string>,
): void {
  const axisNames = shapeOf(contract, flags);
  const given = `[${shape.join(', ')}]`;
  if (axisNames.length !== shape.length)
    throw new TilewrightError('bad-shape', {
      subject: kernel,
      problem: `'${name}' has shape ${given}${inOrder(contract, flags)}`,
      requirement: `it must be [${axisNames.join(', ')}]`,
      fix: `give '${name}' ${axisNames.length} dimensions`,
    });
  axisNames.forEach((axis, i) => {
    const size = shape[i]!;
    const known = axes[axis];
    if (size === 0)
      throw new TilewrightError('bad-shape', {
        subject: kernel,
        problem: `'${name}' has shape ${given}, and so its axis '${axis}' is 0`,
        requirement: 'a kernel runs on sizes from 1',
        fix: 'leave the call out where there is nothing to compute',
      });
    if (known !== undefined && known !== size)
      throw new TilewrightError('bad-shape', {
        subject: kernel,
        problem: `axis '${axis}' is ${size} in '${name}' ${given}${inOrder(contract, flags)}`,
        requirement: `${sources[axis] ?? 'elsewhere it'} is ${known}`,
        fix: `make the '${axis}' of all tensors equal${orOption(name, contract)}`,
      });
    if (known === undefined && optionOf(contract))
      sources[axis] = `that of '${name}' ${given}${inOrder(contract, flags)},`;
    axes[axis] = size;
  });
}

/**
 * Demands that an axis divides the one it shares (key heads, and query heads), and that it is the axis it is taken for: where
 * another axis of the same tensor divides as well and nothing but this shape tells them apart, the call has to give one.
 * `settled` are the axes that others give. Throws `bad-shape`.
 */
export function checkDivided(
  kernel: string,
  name: string,
  contract: TensorContract,
  flags: Problem['options'],
  { shape }: Tensor,
  axes: Readonly<Record<string, number>>,
  settled: ReadonlySet<string>,
): void {
  const [axis, whole, ...others] = contract.divides!;
  const [part, all] = [axes[axis], axes[whole]];
  if (part === undefined || all === undefined) return;
  const refuse = (requirement: string, fix: string): never => {
    throw new TilewrightError('bad-shape', {
      subject: kernel,
      problem: `axis '${axis}' is ${part} in '${name}' [${shape.join(', ')}]${inOrder(contract, flags)}`,
      requirement,
      fix,
    });
  };
  if (all % part !== 0)
    refuse(
      `it must divide '${whole}', which is ${all}`,
      `give '${name}' such a shape${orOption(name, contract)}`,
    );
  if (part === all || settled.has(axis)) return;
  const other = shapeOf(contract, flags).find((each) => others.includes(each) && !settled.has(each));
  if (other === undefined || axes[other] === part || all % axes[other]! !== 0) return;
  refuse(
    `'${other}', which is ${axes[other]}, divides '${whole}' too, so that the shape does not tell which is which`,
    `give axes.${axis} ${part} if that is right${orOption(name, contract)}`,
  );
}

const optionOf = ({ order, flat }: TensorContract): string | undefined =>
  typeof order === 'object' && !flat ? order.option : undefined;

/** How an option reads the shape of a tensor, if one does. */
function inOrder(contract: TensorContract, flags: Problem['options']): string {
  const option = optionOf(contract);
  if (option === undefined) return '';
  return `, which ${option} '${flags[option]}' reads as [${shapeOf(contract, flags).join(', ')}]`;
}

function orOption(name: string, contract: TensorContract): string {
  const option = optionOf(contract);
  return option === undefined ? '' : `, or name the order of '${name}' in ${option}`;
}
