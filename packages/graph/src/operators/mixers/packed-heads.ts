// Widths of packed heads `[batch, tokens, heads · size]`.
import type { Extent } from '@tilewright/kernels';
import { printShape } from '../../extent/index.ts';
import type { InferContext, ValueType } from '../../ir.ts';
import { badNode, elementType, floats, numbersOf, rank, sameSize } from '../shapes.ts';

/** Throws `bad-graph` unless an attribute is a number of heads. */
export function headCount(subject: string, attribute: string, count: number): number {
  if (count > 0) return count;
  throw badNode(
    subject,
    `the attribute '${attribute}' is ${count}`,
    'it must be a number of heads, at least 1',
  );
}

/** The size of a head of a packed value. Throws `bad-graph` for a width that the heads do not divide, `bad-dtype` for integers. */
export function packedSize(subject: string, role: string, type: ValueType, heads: number): number {
  elementType(subject, role, type, floats);
  rank(subject, role, type, 3);
  const [width] = numbersOf(subject, role, type.shape.slice(2)) as [number];
  if (width % heads === 0) return width / heads;
  throw badNode(subject, `'${role}' is ${width} wide with ${heads} heads`, 'heads divide the width');
}

/** Throws `bad-graph` unless a value has this shape, `bad-dtype` for integers. */
export function packedAs(
  context: Pick<InferContext, 'subject' | 'extents' | 'mustEqual' | 'inputs'>,
  role: string,
  shape: readonly Extent[],
): void {
  const { subject } = context;
  const type = context.inputs[role];
  if (!type) return;
  elementType(subject, role, type, floats);
  if (type.shape.length !== shape.length)
    throw badNode(
      subject,
      `'${role}' has shape ${printShape(type.shape)}`,
      `it must be ${printShape(shape)}`,
    );
  shape.forEach((size, axis) => sameSize(context, `dimension ${axis} of '${role}'`, type.shape[axis], size));
}
