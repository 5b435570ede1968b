import { type Expression, expressionOperands, type Extent, times } from '@tilewright/kernels';
import { elementwise, elementwiseFilling, type StridedOperand } from '@tilewright/kernels/elementwise';
import { factorOf, productOf, quotientOf } from '../../extent/index.ts';
import type { KernelRequest, LoweringContext, Node } from '../../ir.ts';
import { dtypesOf } from '../requests.ts';
import { numbersOf, staticCount } from '../shapes.ts';

type Operand = 'full' | 'column' | StridedOperand;

/** A formula over operands that are full or lie by strides, as a request. */
export function elementwiseRequest(
  node: Pick<Node, 'name' | 'inputs' | 'outputs'>,
  context: LoweringContext,
  {
    expression,
    operands,
    output,
  }: {
    readonly expression: Expression;
    readonly operands: Readonly<Record<string, Operand>>;
    readonly output: string;
  },
): KernelRequest {
  const y = node.outputs[output]!;
  const { shape } = context.values[y]!;
  // Without operands that are spread, rows mean nothing: whole vectors fit a single long one best, and where the last axis
  // varies, rows as long as what is known to divide all sizes.
  const flat = Object.values(operands).every((operand) => operand === 'full');
  const count = productOf(context.extents, ...shape);
  const varies = typeof count !== 'number' && typeof shape.at(-1) !== 'number';
  const columns =
    flat && (typeof count === 'number' || varies)
      ? factorOf(context.extents, count)
      : Number(numbersOf(node.name, output, shape.slice(-1))[0] ?? 1);
  const rows = quotientOf(context.extents, count, columns)!;
  const bindings: Record<string, string> = { y };
  for (const name of expressionOperands(expression)) bindings[`compute.${name}`] = node.inputs[name]!;
  return {
    kernels: [elementwise],
    problem: {
      axes: {
        rows: context.planned(rows),
        columns,
      },
      dtypes: dtypesOf(context, bindings),
      slots: { compute: elementwiseFilling({ expression, operands, columns }) },
    },
    bindings,
    sizes: { rows },
    flops: times(rows, columns),
  };
}

/**
 * An operand of shape `operand` broadcast to `shape`: full, a number for each column, or its strides, 0 along the axes it does
 * not have.
 */
export function operandOf(
  subject: string,
  role: string,
  operand: readonly Extent[],
  shape: readonly Extent[],
): Operand {
  // `infer` saw to it that they are equal, or 1.
  if (operand.length === shape.length && operand.every((size, axis) => size !== 1 || shape[axis] === 1))
    return 'full';
  if (operand.at(-1) === shape.at(-1) && operand.slice(0, -1).every((size) => size === 1)) return 'column';
  const missing = shape.length - operand.length;
  const strides = shape.map(() => 0);
  const inner: Extent[] = [];
  for (let axis = shape.length - 1; axis >= missing; axis--) {
    const size = operand[axis - missing]!;
    if (size === 1) continue;
    strides[axis] = staticCount(subject, role, inner);
    inner.push(size);
  }
  return stridedOperand(subject, operand, shape, strides);
}

/** An operand with a stride for each axis of `shape`. */
export function stridedOperand(
  subject: string,
  operand: readonly Extent[],
  shape: readonly Extent[],
  strides: readonly number[],
): StridedOperand {
  // Leading axes of one element say nothing, and the first that says something may vary.
  const first = Math.max(
    0,
    Math.min(
      shape.findIndex((size) => size !== 1),
      shape.length - 2,
    ),
  );
  const varied = strides.slice(first);
  return {
    shape: operand.map((size) => (typeof size === 'number' ? size : 'rows')),
    sizes: numbersOf(subject, 'the result', shape.slice(first + 1, -1)),
    strides: varied.length > 1 ? varied : [0, ...varied, ...(varied.length === 0 ? [0] : [])],
  };
}
