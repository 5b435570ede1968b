// Products of matrices as ONNX has them: leading axes broadcast, vectors count as matrices.
import type { Extent } from '@tilewright/kernels';
import { isEqual, printShape } from '../../extent/index.ts';
import type { InferContext } from '../../ir.ts';
import { badNode, broadcast, type Deciding, numbersOf } from '../shapes.ts';

interface Product {
  readonly m: Extent;
  readonly n: Extent;
  readonly k: Extent;
  /** Leading axes of the result. */
  readonly batches: readonly Extent[];
  readonly shape: readonly Extent[];
}

/** Sizes of a product of matrices whose leading axes broadcast; vectors are matrices of one row or column. Throws `bad-graph`. */
export function productOf(context: Deciding & Pick<InferContext, 'inputs'>): Product {
  const { subject, inputs, extents, mustEqual } = context;
  const matrix = (role: 'A' | 'B'): readonly Extent[] => {
    const { shape } = inputs[role]!;
    if (shape.length === 0) throw badNode(subject, `'${role}' has no dimensions`, 'it must have 1 or more');
    return shape.length > 1 ? shape : role === 'A' ? [1, ...shape] : [...shape, 1];
  };
  const [a, b] = [matrix('A'), matrix('B')];
  const [k, inner] = [a.at(-1)!, b.at(-2)!];
  const equal = isEqual(extents, k, inner);
  if (equal === 'no')
    throw badNode(
      subject,
      `'A' is ${printShape(inputs.A!.shape)} and 'B' is ${printShape(inputs.B!.shape)}`,
      'the last axis of A must be as long as the last but one of B',
    );
  if (equal === 'undecided') mustEqual(k, inner);
  const batches = broadcast(context, { A: a.slice(0, -2), B: b.slice(0, -2) });
  const [m, n] = [a.at(-2)!, b.at(-1)!];
  const rows = inputs.A!.shape.length > 1 ? [m] : [];
  const columns = inputs.B!.shape.length > 1 ? [n] : [];
  return { m, n, k, batches, shape: [...batches, ...rows, ...columns] };
}

/**
 * Which matrix of an operand a batch row takes, in the digits of a memory order. Throws `bad-graph` for leading axes behind
 * the first whose sizes only a run knows.
 */
export function matricesOf(subject: string, batches: readonly Extent[], operand: readonly Extent[]): string {
  const missing = batches.length - operand.length;
  const digits = batches.flatMap((size, i) => {
    if (size === 1) return [];
    return [{ size, repeated: (operand[i - missing] ?? 1) === 1 }];
  });
  const words = digits.map(({ size, repeated }, i) => {
    const digit = i === 0 ? 'b' : `b:${numbersOf(subject, 'Y', [size])[0]!}`;
    return repeated ? `(${digit})` : digit;
  });
  return words.join(' ') || 'b';
}
