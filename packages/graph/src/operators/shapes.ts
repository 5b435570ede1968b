// Shapes as ONNX has them: any rank, axes counted from either end, leading axes that broadcast.
import { type Extent, TilewrightError, times } from '@tilewright/kernels';
import type { Dimension, ElementType, Node, ValueType } from '../ir.ts';

export const badNode = (subject: string, problem: string, requirement: string): TilewrightError =>
  new TilewrightError('bad-graph', { subject, problem, requirement });

/** Fails unless two dimensions are the same number or the same symbol. */
export function sameDimension(
  subject: string,
  what: string,
  got: Dimension | undefined,
  want: Dimension | undefined,
): void {
  if (got !== want) throw badNode(subject, `${what} is ${String(got)}`, `it must be ${String(want)}`);
}

export function rank(subject: string, role: string, type: ValueType, want: number): void {
  if (type.shape.length !== want)
    throw badNode(
      subject,
      `'${role}' has shape [${type.shape.join(', ')}]`,
      `it must have ${want} dimensions`,
    );
}

/** The types of a node's inputs by role. */
export const inputTypes = (
  { inputs }: Pick<Node, 'inputs'>,
  values: Readonly<Record<string, ValueType>>,
): Readonly<Record<string, ValueType>> =>
  Object.fromEntries(Object.entries(inputs).map(([role, value]) => [role, values[value]!]));

/** Elements of some axes; a number where all of them are. */
export const countOf = (shape: readonly Dimension[]): Extent => shape.reduce<Extent>(times, 1);

/** Sizes that must be known when the graph is compiled. Throws `bad-graph` for symbols. */
export function numbersOf(subject: string, role: string, shape: readonly Dimension[]): readonly number[] {
  return shape.map((each) => {
    if (typeof each === 'number') return each;
    throw badNode(
      subject,
      `'${role}' has shape [${shape.join(', ')}]`,
      `the size '${each}' must be a number here`,
    );
  });
}

/** Elements of a shape without symbols. */
export const staticCount = (subject: string, role: string, shape: readonly Dimension[]): number =>
  numbersOf(subject, role, shape).reduce((product, size) => product * size, 1);

/** An axis counted from the front, of an attribute that may count from the end. Throws `bad-graph` beyond the rank. */
export function axisOf(subject: string, axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw badNode(
    subject,
    `the attribute 'axis' is ${axis}`,
    `of ${rank} dimensions it must be an integer from ${-rank} to ${rank - 1}`,
  );
}

/** The shape that some shapes broadcast to: aligned at the right, each size 1 or the same. Throws `bad-graph`. */
export function broadcast(
  subject: string,
  shapes: Readonly<Record<string, readonly Dimension[]>>,
): readonly Dimension[] {
  const rank = Math.max(...Object.values(shapes).map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = Object.values(shapes).map((shape) => shape[i - rank + shape.length] ?? 1);
    const size = sizes.find((each) => each !== 1) ?? 1;
    if (sizes.some((each) => each !== 1 && each !== size))
      throw badNode(
        subject,
        `its inputs are ${Object.entries(shapes)
          .map(([role, shape]) => `'${role}' [${shape.join(', ')}]`)
          .join(' and ')}`,
        'from the last axis on, their sizes must be equal or 1',
      );
    return size;
  });
}

/** Throws `bad-dtype` unless a value has one of some types. */
export function elementType(
  subject: string,
  role: string,
  { dtype }: ValueType,
  allowed: readonly ElementType[],
): void {
  if (!allowed.includes(dtype))
    throw new TilewrightError('bad-dtype', {
      subject,
      problem: `'${role}' is ${dtype}`,
      requirement: `it must be ${allowed.join(' or ')}`,
    });
}

export const floats: readonly ElementType[] = ['f32', 'f16'];
