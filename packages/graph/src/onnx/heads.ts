import type { Attribute, Dimension, ValueType } from '../ir.ts';
import { badNode } from '../operators/operator.ts';
import { numbersOf } from './shape.ts';

/** A tensor of heads: `[batch, heads, tokens, size]`, or packed `[batch, tokens, heads · size]`. */
export interface Heads {
  readonly batch: Dimension;
  readonly heads: number;
  readonly tokens: Dimension;
  readonly size: number;
  readonly packed: boolean;
}

/** Reads either form; `heads` must be given for the packed one and fit the other. Throws `bad-graph`. */
export function headsOf(
  subject: string,
  role: string,
  { shape }: ValueType,
  heads: Attribute | undefined,
): Heads {
  const count = Number(heads ?? 0);
  if (shape.length === 4) {
    const [own, size] = numbersOf(subject, role, [shape[1]!, shape[3]!]);
    if (count !== 0 && count !== own)
      throw badNode(subject, `'${role}' has ${own} heads`, `its number of heads is given as ${count}`);
    return { batch: shape[0]!, heads: own!, tokens: shape[2]!, size: size!, packed: false };
  }
  if (shape.length !== 3)
    throw badNode(subject, `'${role}' has shape [${shape.join(', ')}]`, 'it must have 3 or 4 dimensions');
  const [width] = numbersOf(subject, role, shape.slice(2));
  if (!Number.isInteger(count) || count < 1 || width! % count !== 0)
    throw badNode(
      subject,
      `'${role}' is ${width} wide with ${count} heads`,
      'the width of 3 dimensions is that of all heads, whose number must be given and divide it',
    );
  return { batch: shape[0]!, heads: count, tokens: shape[1]!, size: width! / count, packed: true };
}
