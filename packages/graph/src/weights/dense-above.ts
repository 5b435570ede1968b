import {
  checkOptions,
  having,
  type HostTensor,
  listOf,
  type StateDict,
  TilewrightError,
} from '@tilewright/kernels';
import { isBlockSparse, storedPart, unpackBlockSparse } from '@tilewright/kernels/block-sparse-matmul';
import { packDense } from '@tilewright/kernels/weights/dense';
import { checkKinds } from '../check-kinds.ts';

/** From which density on a product with a dense weight is faster than with a sparse one: what a bench measured on an adapter. */
export interface BreakEven {
  /** The adapter's description. */
  readonly adapter: string;
  /** The id of the sparse format. */
  readonly format: string;
  /** Rows of the activation that it was measured with. */
  readonly rows: number;
  /** From 0, where dense is always faster, to 1. */
  readonly density: number;
}

/** What a graph is to run on, and with how many rows of activations. */
export interface DenseAboveOptions {
  readonly adapter: string;
  readonly rows: number;
}

/**
 * Weights as they are to be compiled: block-sparse ones (CSR among them) that store more than the break-even density of their format become
 * dense, in f16 where their values are, else in f32, exactly. Of measurements on the adapter counts the one with the number of rows that is
 * closest by ratio; a format that was not measured on it stays as it is. Published weights are not changed: do this at load.
 *
 * @throws `bad-argument` for a number of rows, or a density, that cannot be.
 */
export function denseAbove(
  state: StateDict,
  breakEvens: readonly BreakEven[],
  options: DenseAboveOptions,
): Map<string, HostTensor> {
  const subject = 'denseAbove';
  checkKinds(subject, { weights: state });
  checkOptions(
    subject,
    { breakEvens },
    { breakEvens: listOf(having('what breakEvens returned', 'density')) },
  );
  checkOptions(subject, options, ['adapter', 'rows']);
  const { adapter, rows } = options;
  check('rows', rows, Number.isInteger(rows) && rows > 0, 'they are counted from 1');
  for (const { density, rows: measured } of breakEvens) {
    check('density', density, density >= 0 && density <= 1, 'it is a part of all numbers, from 0 to 1');
    check('rows', measured, Number.isInteger(measured) && measured > 0, 'they are counted from 1');
  }
  const distance = (each: BreakEven): number => Math.abs(Math.log(each.rows / rows));
  const known = breakEvens
    .filter((each) => each.adapter === adapter)
    .sort((a, b) => distance(a) - distance(b));
  return new Map(
    [...state].map(([name, tensor]) => {
      const { format, shape } = tensor;
      if (!isBlockSparse(format)) return [name, tensor];
      const limit = known.find((each) => each.format === format.id)?.density ?? Infinity;
      return [name, storedPart(format, shape) > limit ? densely(tensor) : tensor];
    }),
  );
}

const densely = (tensor: HostTensor): HostTensor =>
  packDense(
    unpackBlockSparse(tensor),
    tensor.shape,
    isBlockSparse(tensor.format) && tensor.format.dtype === 'f16' ? 'f16' : 'f32',
  );

function check(name: string, value: number, isRight: boolean, requirement: string): void {
  if (isRight) return;
  throw new TilewrightError('bad-argument', {
    subject: 'denseAbove',
    problem: `${name} is ${value}`,
    requirement,
    fix: 'give what breakEvens returned, and the rows that steps will have',
  });
}
