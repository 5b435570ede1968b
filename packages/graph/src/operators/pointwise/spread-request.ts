import { type Extent, type Filling, type Kernel } from '@tilewright/kernels';
import type { ElementwiseOperand, OperandDistance } from '@tilewright/kernels/elementwise';
import { factorOf, productOf, quotientOf } from '../../extent/index.ts';
import type { KernelRequest, LoweringContext } from '../../ir.ts';
import { dtypesOf } from '../requests.ts';

/** Elements between neighbours along each axis of the result; 0 repeats. */
type Strides = readonly Extent[];
/** How a value spreads over a result; `uniform` is a number of a run. */
export type Operand = 'full' | 'column' | 'uniform' | Strides;

/** A kernel over `[rows, columns]` whose slot `compute` is filled with a function of operands. */
interface Spread {
  readonly kernel: Kernel;
  /** The result. */
  readonly y: string;
  /** The value of each operand, and how it spreads. */
  readonly operands: Readonly<Record<string, readonly [value: string, spread: Operand]>>;
  readonly fill: (input: {
    readonly operands: Readonly<Record<string, ElementwiseOperand>>;
    readonly columns: number;
  }) => Filling;
}

/** What fills a kernel with a function of operands, each bound where the filling binds it, as a request. */
export function spreadRequest(
  { kernel, y, operands, fill }: Spread,
  context: LoweringContext,
): KernelRequest {
  const { extents, values, planned } = context;
  const { shape } = values[y]!;
  const count = productOf(extents, ...shape);
  // Without operands that are spread, rows mean nothing: whole vectors fit a single long one best, and where the last axis
  // varies, rows as long as what is known to divide all sizes. With them, a last axis that varies is part of the rows.
  const flat = Object.values(operands).every(([, operand]) => operand === 'full');
  const last = shape.at(-1) ?? 1;
  const whole = typeof last === 'number' ? shape : [...shape, 1];
  const columns =
    flat && (typeof count === 'number' || whole !== shape)
      ? factorOf(extents, count) || 1
      : (whole.at(-1) ?? 1);
  const rows = quotientOf(extents, count, columns)!;
  const bindings: Record<string, string> = { y };
  const sizes: Record<string, Extent> = { rows };
  const spread = Object.entries(operands).map(([name, [value, operand]]): [string, ElementwiseOperand] => {
    if (typeof operand === 'string') return [name, operand];
    const distance = (size: Extent = 0): OperandDistance => {
      if (typeof size === 'number') return size;
      const uniform = `run_${Object.keys(sizes).length}`;
      sizes[`compute_${name}_${uniform}`] = size;
      return { uniform, multipleOf: factorOf(extents, size) };
    };
    const strides = [...whole.keys()].map((axis) => distance(operand[axis]));
    while (strides.length < 2) strides.unshift(0);
    const held = values[value]!.shape.map((size) => (typeof size === 'number' ? size : 'rows'));
    return [name, { shape: held, sizes: whole.slice(1, -1).map(distance), strides }];
  });
  const compute = fill({ operands: Object.fromEntries(spread), columns: columns as number });
  for (const name of Object.keys(compute.bindings!)) bindings[`compute.${name}`] = operands[name]![0];
  return {
    kernels: [kernel],
    problem: {
      axes: { rows: planned(rows), columns: columns as number },
      dtypes: dtypesOf(context, bindings),
      slots: { compute },
    },
    bindings,
    sizes,
    shape,
    flops: count,
  };
}

/**
 * A value broadcast to `shape`: full, a number for each column, or its strides, 0 along the axes it does not have.
 */
export function operandOf(
  value: string,
  shape: readonly Extent[],
  { values, views, extents }: Pick<LoweringContext, 'values' | 'views' | 'extents'>,
): Operand {
  const operand = values[value]!.shape;
  const missing = shape.length - operand.length;
  const isLong = (size: Extent, axis: number): boolean => size !== 1 || shape[axis + missing] === 1;
  // A view says itself where its elements lie; `infer` saw to it that sizes are equal, or 1.
  if (views?.viewOf(value) || (missing === 0 && operand.every(isLong))) return 'full';
  if (
    typeof shape.at(-1) === 'number' &&
    operand.every((size, axis) => size === 1 || axis === operand.length - 1)
  )
    if (operand.at(-1) === shape.at(-1)) return 'column';
  let stride: Extent = 1;
  const strides: Extent[] = shape.map(() => 0);
  for (let axis = operand.length - 1; axis >= 0; axis--) {
    const size = operand[axis]!;
    if (size === 1) continue;
    strides[axis + missing] = stride;
    stride = productOf(extents, stride, size);
  }
  return strides;
}
