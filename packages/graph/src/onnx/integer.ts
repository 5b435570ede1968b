// Operators on tensors of integers: exact products, and the way back to numbers.
import { times } from '@tilewright/kernels';
import type { ElementType, Node, ValueType } from '../ir.ts';
import { dtypesOf, type Lower } from '../lowering/lowering.ts';
import { badNode, type InferContext, type Operator } from '../operators/operator.ts';
import { attributesOf, oneOf } from './attributes.ts';
import { matricesOf, productOf } from './matmul.ts';
import { axisOf, elementType, floats, numbersOf, staticCount } from './shape.ts';

const bytes: readonly ElementType[] = ['u8', 'i8'];
const wordsOf = (count: number, dtype: ElementType): number =>
  dtype === 'i32' ? count : Math.ceil(count / 4);

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
export const matMulInteger: Operator = {
  name: 'MatMulInteger',
  summary: 'Y = (A - a_zero_point) · (B - b_zero_point), in 32-bit integers',
  inputs: ['A', 'B', 'a_zero_point?', 'b_zero_point?'],
  infer: (context) => {
    const { subject, inputs } = context;
    attributesOf(context, {});
    elementType(subject, 'A', inputs.A!, bytes);
    elementType(subject, 'B', inputs.B!, bytes);
    const { m, n, shape } = productOf(context);
    zeroKind(context, 'a', m);
    zeroKind(context, 'b', n);
    return { Y: { dtype: 'i32', shape } };
  },
};

export const lowerMatMulInteger: Lower = (node, context) => {
  const inputs = typesOf(node, context.graph.values);
  const given = { subject: node.name, inputs };
  const { m, n, k, batches } = productOf(given);
  const side = (name: 'a' | 'b', lines: number) => {
    const type = inputs[name.toUpperCase()]!;
    const zero = inputs[`${name}_zero_point`];
    const count = (each: ValueType): number => wordsOf(staticCount(node.name, name, each.shape), each.dtype);
    return {
      axes: { [`${name}_words`]: count(type), ...(zero && { [`${name}_zero_words`]: count(zero) }) },
      options: {
        [`${name}_type`]: type.dtype,
        [`${name}_batches`]: matricesOf(batches, type.shape.slice(0, -2)),
        ...(zero && {
          [`${name}_zero_point`]: true,
          [`${name}_zero_per`]: zeroKind(given, name, lines)!,
        }),
      },
    };
  };
  const [a, b] = [side('a', m), side('b', n)];
  const batch = batches.reduce((product, size) => product * size, 1);
  const axes = { batch, m, ...a.axes, ...b.axes };
  const { A, B, ...zeros } = node.inputs;
  return {
    kernels: ['matmul-integer'],
    problem: { axes: { ...axes, n, k }, options: { ...a.options, ...b.options } },
    bindings: { a: A!, b: B!, ...zeros, y: node.outputs.Y! },
    sizes: axes,
    flops: 2 * batch * m * n * k,
  };
};

const typesOf = (
  node: Node,
  values: Readonly<Record<string, ValueType>>,
): Readonly<Record<string, ValueType>> =>
  Object.fromEntries(Object.entries(node.inputs).map(([role, value]) => [role, values[value]!]));

const dequantizeDefaults = { axis: 1, block_size: 0, output_dtype: 0 } as const;
/** ONNX's numbers of element types. */
const elementTypes: Readonly<Record<number, ElementType>> = { 1: 'f32', 10: 'f16' };

/** How scales spread over x, as `[outer, length, inner]`. */
function blocksOf(context: Pick<InferContext, 'subject' | 'inputs' | 'attributes'>) {
  const { subject, inputs } = context;
  const { axis: given, block_size: size } = attributesOf(context, dequantizeDefaults);
  const x = numbersOf(subject, 'x', inputs.x!.shape);
  const scale = numbersOf(subject, 'x_scale', inputs.x_scale!.shape);
  const count = (part: readonly number[]): number => part.reduce((product, each) => product * each, 1);
  if (size === 0 && count(scale) === 1)
    return { per: 'tensor', outer: 1, length: count(x), inner: 1, block: 1, scales: 1 } as const;
  const axis = axisOf(subject, given, x.length);
  const [outer, length, inner] = [count(x.slice(0, axis)), x[axis]!, count(x.slice(axis + 1))];
  const blocks = size === 0 ? undefined : Math.ceil(length / size);
  const want = blocks === undefined ? [length] : x.map((each, i) => (i === axis ? blocks : each));
  if (scale.join() !== want.join())
    throw badNode(
      subject,
      `'x_scale' has shape [${scale.join(', ')}]`,
      `it must be a scalar or [${want.join(', ')}]${size === 0 ? '' : ` for blocks of ${size}`}`,
    );
  return blocks === undefined
    ? ({ per: 'axis', outer, length, inner, block: 1, scales: length } as const)
    : ({ per: 'block', outer, length, inner, block: size, scales: count(want) } as const);
}

/** ONNX `DequantizeLinear` (opset 23) of u8, i8 and i32: scales per tensor, per index of an axis, or per block along it. */
export const dequantizeLinear: Operator = {
  name: 'DequantizeLinear',
  summary: 'y = (x - x_zero_point) · x_scale',
  inputs: ['x', 'x_scale', 'x_zero_point?'],
  infer: (context) => {
    const { subject, inputs } = context;
    const { block_size: size, output_dtype: type } = attributesOf(context, dequantizeDefaults);
    elementType(subject, 'x', inputs.x!, [...bytes, 'i32']);
    elementType(subject, 'x_scale', inputs.x_scale!, floats);
    oneOf(subject, 'output_dtype', type, [0, ...Object.keys(elementTypes).map(Number)]);
    if (!Number.isInteger(size) || size < 0)
      throw badNode(
        subject,
        `the attribute 'block_size' is ${size}`,
        'it must be a number of elements, or 0',
      );
    blocksOf(context);
    const zero = inputs.x_zero_point;
    if (zero) elementType(subject, 'x_zero_point', zero, [inputs.x!.dtype]);
    const one = (role: string): boolean => staticCount(subject, role, inputs[role]!.shape) === 1;
    const alike = zero?.shape.join() === inputs.x_scale!.shape.join();
    if (zero && !alike && !(one('x_zero_point') && one('x_scale')))
      throw badNode(
        subject,
        `'x_zero_point' has shape [${zero.shape.join(', ')}]`,
        `it must be that of 'x_scale', [${inputs.x_scale!.shape.join(', ')}]`,
      );
    return { y: { dtype: elementTypes[type] ?? inputs.x_scale!.dtype, shape: inputs.x!.shape } };
  },
};

export const lowerDequantizeLinear: Lower = (node, context) => {
  const { graph } = context;
  const inputs = typesOf(node, graph.values);
  const { per, outer, length, inner, block, scales } = blocksOf({
    subject: node.name,
    inputs,
    attributes: node.attributes,
  });
  const { x, x_scale: scale, x_zero_point: zero } = node.inputs;
  const { dtype } = inputs.x!;
  const bindings = { x: x!, scale: scale!, ...(zero && { zero_point: zero }), y: node.outputs.y! };
  const dynamic = {
    outer,
    x_words: wordsOf(outer * length * inner, dtype),
    scales,
    ...(zero && { zero_words: wordsOf(scales, dtype) }),
  };
  return {
    kernels: ['dequantize-linear'],
    problem: {
      axes: { ...dynamic, length, inner, block },
      dtypes: dtypesOf(graph, bindings),
      options: { x_type: dtype, scale_per: per, zero_point: zero !== undefined },
    },
    bindings,
    sizes: dynamic,
    flops: times(2, outer * length * inner),
  };
};
