import { matmulInteger } from '@tilewright/kernels/matmul-integer';
import type { Extent } from '@tilewright/kernels';
import type { InferContext, Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, elementType, inferredContext, numbersOf, staticCount } from '../shapes.ts';
import { byteTypes, wordsOf } from './integers.ts';
import { matricesOf, productOf } from './product.ts';

type ZeroKind = 'tensor' | 'line' | 'matrix line';

/** What one zero point is for: a scalar, one per line of every matrix, or `[…, m, 1]` (of B `[…, 1, n]`). */
function zeroKind(
  { subject, inputs }: Pick<InferContext, 'subject' | 'inputs'>,
  side: 'a' | 'b',
  lines: number,
): ZeroKind | undefined {
  const role = `${side}_zero_point`;
  const zero = inputs[role];
  if (!zero) return undefined;
  const operand = inputs[side.toUpperCase()]!;
  elementType(subject, role, zero, [operand.dtype]);
  const shape = numbersOf(subject, role, zero.shape);
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 1) return 'tensor';
  const line = side === 'a' ? [lines, 1] : [1, lines];
  const own = operand.shape.slice(0, -2);
  if (count === lines && (shape.length === 1 || shape.slice(-2).join() === line.join())) return 'line';
  if (shape.join() === [...own, ...line].join()) return 'matrix line';
  throw badNode(
    subject,
    `'${role}' has shape [${shape.join(', ')}]`,
    `it must be a scalar, [${lines}] or [${[...own, ...line].join(', ')}]`,
  );
}

/** ONNX `MatMulInteger` (opset 10): u8 and i8, zero points per tensor, row of A and column of B; leading axes broadcast. */
export const matMulInteger: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'MatMulInteger',
  // Y = (A - a_zero_point) · (B - b_zero_point), in 32-bit integers
  inputs: [
    { name: 'A', kind: 'required' },
    { name: 'B', kind: 'required' },
    { name: 'a_zero_point', kind: 'optional' },
    { name: 'b_zero_point', kind: 'optional' },
  ],
  infer: (context) => {
    const { subject, inputs } = context;
    elementType(subject, 'A', inputs.A!, byteTypes);
    elementType(subject, 'B', inputs.B!, byteTypes);
    const { m, n, shape } = productOf(context);
    const [rows, columns] = numbersOf(subject, 'Y', [m, n]) as [number, number];
    zeroKind(context, 'a', rows);
    zeroKind(context, 'b', columns);
    return { Y: { dtype: 'i32', shape } };
  },
  lower: (node, context) => {
    const types = inferredContext(node, context);
    const sizes = productOf(types);
    const { batches } = sizes;
    const [m, n, k] = numbersOf(node.name, 'Y', [sizes.m, sizes.n, sizes.k]) as [number, number, number];
    const [a, b] = [operandOf(types, 'a', m, batches), operandOf(types, 'b', n, batches)];
    const batch = staticCount(node.name, 'Y', batches);
    const axes = { batch, m, ...a.axes, ...b.axes };
    const { A, B, ...zeros } = node.inputs;
    return {
      kernels: [matmulInteger],
      problem: {
        axes: { ...axes, n, k },
        options: { ...a.options, ...b.options },
      },
      bindings: { a: A!, b: B!, ...zeros, y: node.outputs.Y! },
      sizes: axes,
      flops: 2 * batch * m * n * k,
    };
  },
});

/** Axes and options of the kernel for one operand, which has `lines` rows or columns. */
function operandOf(
  types: Pick<InferContext, 'subject' | 'inputs'>,
  name: 'a' | 'b',
  lines: number,
  batches: readonly Extent[],
) {
  const type = types.inputs[name.toUpperCase()]!;
  const zero = types.inputs[`${name}_zero_point`];
  const count = ({ shape, dtype }: ValueType): number =>
    wordsOf(staticCount(types.subject, name, shape), dtype);
  return {
    axes: {
      [`${name}_words`]: count(type),
      ...(zero && { [`${name}_zero_words`]: count(zero) }),
    },
    options: {
      [`${name}_type`]: type.dtype,
      [`${name}_batches`]: matricesOf(types.subject, batches, type.shape.slice(0, -2)),
      ...(zero && {
        [`${name}_zero_point`]: true,
        [`${name}_zero_per`]: zeroKind(types, name, lines)!,
      }),
    },
  };
}
