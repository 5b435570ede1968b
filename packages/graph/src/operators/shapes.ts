// Shapes as ONNX has them: any rank, axes counted from either end, leading axes that broadcast.
import { type Extent, TilewrightError } from '@tilewright/kernels';
import { isEqual, printExtent, printShape } from '../extent/index.ts';
import { broadcastShapes } from '../extent/shapes.ts';
import type { ElementType, InferContext, LoweringContext, Node, ValueType } from '../ir.ts';

export const badNode = (subject: string, problem: string, requirement: string): TilewrightError =>
  new TilewrightError('bad-graph', { subject, problem, requirement });

/** What deciding about sizes takes. */
export type Deciding = Pick<InferContext, 'subject' | 'extents' | 'mustEqual'>;

/** Fails if two sizes are never equal; where a run must tell, it will be checked there. */
export function sameSize(
  { subject, extents, mustEqual }: Deciding,
  what: string,
  size: Extent | undefined,
  wanted: Extent | undefined,
): void {
  const equal = size === undefined || wanted === undefined ? 'no' : isEqual(extents, size, wanted);
  if (equal === 'no') throw badNode(subject, `${what} is ${printed(size)}`, `it must be ${printed(wanted)}`);
  if (equal === 'undecided') mustEqual(size!, wanted!);
}

const printed = (size: Extent | undefined): string => (size === undefined ? 'absent' : printExtent(size));

/** Whether two shapes may be equal; where a run must tell, it will be checked there. */
export function sameShape(
  { extents, mustEqual }: Pick<Deciding, 'extents' | 'mustEqual'>,
  shape: readonly Extent[],
  wanted: readonly Extent[],
): boolean {
  if (shape.length !== wanted.length) return false;
  const decisions = shape.map((size, axis) => isEqual(extents, size, wanted[axis]!));
  if (decisions.includes('no')) return false;
  decisions.forEach((equal, axis) => {
    if (equal === 'undecided') mustEqual(shape[axis]!, wanted[axis]!);
  });
  return true;
}

export function rank(subject: string, role: string, type: ValueType, want: number): void {
  if (type.shape.length !== want)
    throw badNode(
      subject,
      `'${role}' has shape ${printShape(type.shape)}`,
      `it must have ${want} dimensions`,
    );
}

/** Fails if the leading axes of two values are never equal: all of `wanted`, and of `shape` as many as there are. */
export function sameRows(
  context: Deciding,
  role: string,
  { shape }: ValueType,
  wanted: readonly Extent[],
): void {
  if (!sameShape(context, shape.slice(0, -1), wanted))
    throw badNode(
      context.subject,
      `'${role}' has shape ${printShape(shape)}`,
      `its axes before the last must be ${printShape(wanted)}`,
    );
}

/** The types of a node's inputs by role. */
export const inputTypes = (
  { inputs }: Pick<Node, 'inputs'>,
  values: Readonly<Record<string, ValueType>>,
): Readonly<Record<string, ValueType>> =>
  Object.fromEntries(Object.entries(inputs).map(([role, value]) => [role, values[value]!]));

/** What `infer` was told of a node, for lowerings that ask the same again. */
export const inferredContext = <Attributes>(
  node: Node<Attributes>,
  { values, contents, extents }: Pick<LoweringContext, 'values' | 'contents' | 'extents'>,
): InferContext<Attributes> => ({
  subject: node.name,
  inputs: inputTypes(node, values),
  contents: Object.fromEntries(
    Object.entries(node.inputs).flatMap(([role, value]) =>
      contents[value] ? [[role, contents[value]]] : [],
    ),
  ),
  attributes: node.attributes,
  extents,
  // Runs check what `infer` could not decide.
  mustEqual: () => {},
});

/** Sizes that must be known when the graph is compiled. Throws `bad-graph` for symbols. */
export function numbersOf(subject: string, role: string, shape: readonly Extent[]): readonly number[] {
  return shape.map((each) => {
    if (typeof each === 'number') return each;
    throw badNode(
      subject,
      `'${role}' has shape ${printShape(shape)}`,
      `the size '${printExtent(each)}' must be a number here`,
    );
  });
}

/** Elements of a shape without symbols. */
export const staticCount = (subject: string, role: string, shape: readonly Extent[]): number =>
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

/**
 * The shape that some shapes broadcast to: aligned at the right, each size 1 or the same. Throws `bad-graph` where that can
 * never be; what a run must tell is checked there.
 */
export function broadcast(
  { subject, extents, mustEqual }: Deciding,
  shapes: Readonly<Record<string, readonly Extent[]>>,
): readonly Extent[] {
  const broadcasted = broadcastShapes(extents, Object.values(shapes));
  if ('contradiction' in broadcasted)
    throw badNode(
      subject,
      `its inputs are ${Object.entries(shapes)
        .map(([role, shape]) => `'${role}' ${printShape(shape)}`)
        .join(' and ')}`,
      'from the last axis on, their sizes must be equal or 1',
    );
  for (const [a, b] of broadcasted.undecided) mustEqual(a, b);
  return broadcasted.shape;
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
