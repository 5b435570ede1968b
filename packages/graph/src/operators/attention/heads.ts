import type { Extent } from '@tilewright/kernels';
import type { ValueType } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { badNode, numbersOf } from '../shapes.ts';

/** A tensor of heads: `[batch, heads, tokens, size]`, or packed `[batch, tokens, heads · size]`. */
export interface Heads {
  readonly batch: Extent;
  readonly heads: number;
  readonly tokens: Extent;
  readonly size: number;
  readonly packed: boolean;
}

/** Reads either form; the number of heads must be given (not 0) for the packed one and fit the other. Throws `bad-graph`. */
export function headsOf(subject: string, role: string, { shape }: ValueType, count: number): Heads {
  if (shape.length === 4) {
    const [heads, size] = numbersOf(subject, role, [shape[1]!, shape[3]!]);
    if (count !== 0 && count !== heads)
      throw badNode(subject, `'${role}' has ${heads} heads`, `its number of heads is given as ${count}`);
    return {
      batch: shape[0]!,
      heads: heads!,
      tokens: shape[2]!,
      size: size!,
      packed: false,
    };
  }
  if (shape.length !== 3)
    throw badNode(subject, `'${role}' has shape ${printShape(shape)}`, 'it must have 3 or 4 dimensions');
  const [width] = numbersOf(subject, role, shape.slice(2));
  if (count < 1 || width! % count !== 0)
    throw badNode(
      subject,
      `'${role}' is ${width} wide with ${count} heads`,
      'the width of 3 dimensions is that of all heads, whose number must be given and divide it',
    );
  return {
    batch: shape[0]!,
    heads: count,
    tokens: shape[1]!,
    size: width! / count,
    packed: true,
  };
}

/** How the kernels name the order of a tensor of heads. */
export const memoryOrder = ({ packed }: Heads): string => (packed ? 'bshd' : 'bhsd');
