// Inputs whose elements say what shape comes out: known while a graph is built.
import type { Extent } from '@tilewright/kernels';
import { type KnownValue, knownValue } from '../../extent/index.ts';
import type { InferContext } from '../../ir.ts';
import { axisOf, badNode } from '../shapes.ts';

type Known = Pick<InferContext<unknown>, 'subject' | 'inputs' | 'contents'>;

/** The elements of an integer input; undefined where it is absent. Throws `bad-graph` where only a run knows them. */
export function knownElements(
  { subject, inputs, contents }: Known,
  role: string,
): readonly Extent[] | undefined {
  if (!inputs[role]) return undefined;
  const elements = contents[role];
  if (!elements)
    throw badNode(
      subject,
      `the elements of '${role}' are not known`,
      'they decide shapes, so they must be known integers, or computed from sizes',
    );
  return elements;
}

/** The same where each must be a number. */
export function knownNumbers(context: Known, role: string): readonly number[] | undefined {
  const elements = knownElements(context, role);
  const stray = elements?.find((each) => typeof each !== 'number');
  if (stray !== undefined)
    throw badNode(context.subject, `'${role}' holds a size that only a run knows`, 'it must hold numbers');
  return elements as readonly number[] | undefined;
}

/** The one number of an input; undefined where it is absent. Throws `bad-graph` for several. */
export function oneNumber(context: Known, role: string): number | undefined {
  const numbers = knownNumbers(context, role);
  if (!numbers) return undefined;
  if (numbers.length === 1) return numbers[0];
  throw badNode(context.subject, `'${role}' has ${numbers.length} elements`, 'it is one number');
}

/** Axes counted from the front, each once. Throws `bad-graph`. */
export function knownAxes(context: Known, axes: readonly number[], rank: number): readonly number[] {
  const counted = axes.map((axis) => axisOf(context.subject, axis, rank));
  if (new Set(counted).size === counted.length) return counted;
  throw badNode(context.subject, `its axes are ${axes.join(', ')}`, 'each axis is named once');
}

/** An input with its elements, where they are known. */
export const knownOf = ({ inputs, contents }: Known, role: string): KnownValue | undefined =>
  inputs[role] && knownValue(inputs[role].shape, contents[role]);
