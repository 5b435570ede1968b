// Products of matrices as ONNX has them: leading axes broadcast, vectors count as matrices.
import type { Extent } from '@tilewright/kernels';
import { printShape } from '../../extent/index.ts';
import type { InferContext } from '../../ir.ts';
import { badNode, broadcast, type Deciding, numbersOf } from '../shapes.ts';

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Leading axes of the result. */
  readonly batches: readonly number[];
  readonly shape: readonly Extent[];
}

/** Sizes of a product of matrices whose leading axes broadcast; vectors are matrices of one row or column. Throws `bad-graph`. */
export function productOf(context: Deciding & Pick<InferContext, 'inputs'>): Product {
  const { subject, inputs } = context;
  const matrix = (role: 'A' | 'B'): readonly number[] => {
    const shape = numbersOf(subject, role, inputs[role]!.shape);
    if (shape.length === 0) throw badNode(subject, `'${role}' has no dimensions`, 'it must have 1 or more');
    return shape.length > 1 ? shape : role === 'A' ? [1, ...shape] : [...shape, 1];
  };
  const [a, b] = [matrix('A'), matrix('B')];
  if (a.at(-1) !== b.at(-2))
    throw badNode(
      subject,
      `'A' is ${printShape(inputs.A!.shape)} and 'B' is ${printShape(inputs.B!.shape)}`,
      'the last axis of A must be as long as the last but one of B',
    );
  const batches = broadcast(context, {
    A: a.slice(0, -2),
    B: b.slice(0, -2),
  }) as readonly number[];
  const [m, n] = [a.at(-2)!, b.at(-1)!];
  const rows = inputs.A!.shape.length > 1 ? [m] : [];
  const columns = inputs.B!.shape.length > 1 ? [n] : [];
  return {
    m,
    n,
    k: a.at(-1)!,
    batches,
    shape: [...batches, ...rows, ...columns],
  };
}

/** Which matrix of an operand a batch row takes, in the digits of a memory order. */
export function matricesOf(batches: readonly number[], operand: readonly Extent[]): string {
  const missing = batches.length - operand.length;
  const digits = batches.flatMap((size, i) => {
    if (size === 1) return [];
    return [{ size, repeated: (operand[i - missing] ?? 1) === 1 }];
  });
  const words = digits.map(({ size, repeated }, i) => {
    const digit = i === 0 ? 'b' : `b:${size}`;
    return repeated ? `(${digit})` : digit;
  });
  return words.join(' ') || 'b';
}
