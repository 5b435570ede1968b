import { times } from '@tilewright/kernels';
import { dequantizeLinear as dequantizeLinearKernel } from '@tilewright/kernels/dequantize-linear';
import { printShape } from '../../extent/index.ts';
import type { ElementType, InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import {
  axisOf,
  badNode,
  elementType,
  floats,
  inferredContext,
  inputTypes,
  numbersOf,
  sameShape,
  staticCount,
} from '../shapes.ts';
import { byteTypes, wordsOf } from './integers.ts';

interface BlockAttributes {
  readonly axis: number;
  readonly block_size: number;
}

/** ONNX's numbers of element types. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  1: 'f32',
  10: 'f16',
};

/** How scales spread over x, as `[outer, length, inner]`. */
function blocksOf({
  subject,
  inputs,
  attributes: { axis: counted, block_size: size },
}: InferContext<BlockAttributes>) {
  const x = numbersOf(subject, 'x', inputs.x!.shape);
  const scale = numbersOf(subject, 'x_scale', inputs.x_scale!.shape);
  const count = (part: readonly number[]): number => part.reduce((product, each) => product * each, 1);
  if (size === 0 && count(scale) === 1)
    return {
      per: 'tensor',
      outer: 1,
      length: count(x),
      inner: 1,
      block: 1,
      scales: 1,
    } as const;
  const axis = axisOf(subject, counted, x.length);
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
    : ({
        per: 'block',
        outer,
        length,
        inner,
        block: size,
        scales: count(want),
      } as const);
}

/** ONNX `DequantizeLinear` (opset 23) of u8, i8 and i32: scales per tensor, per index of an axis, or per block along it. */
export const dequantizeLinear: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'DequantizeLinear',
  // y = (x - x_zero_point) · x_scale
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'x_scale', kind: 'required' },
    { name: 'x_zero_point', kind: 'optional' },
  ],
  attributes: {
    axis: { type: 'integer', default: 1 },
    block_size: { type: 'integer', default: 0 },
    output_dtype: { type: 'integer', default: 0, choices: [0, 1, 10] },
  },
  infer: (context) => {
    const { subject, inputs } = context;
    const { block_size: size, output_dtype: type } = context.attributes;
    elementType(subject, 'x', inputs.x!, [...byteTypes, 'i32']);
    elementType(subject, 'x_scale', inputs.x_scale!, floats);
    if (size < 0)
      throw badNode(
        subject,
        `the attribute 'block_size' is ${size}`,
        'it must be a number of elements, or 0',
      );
    blocksOf(context);
    const zero = inputs.x_zero_point;
    if (zero) elementType(subject, 'x_zero_point', zero, [inputs.x!.dtype]);
    const one = (role: string): boolean => staticCount(subject, role, inputs[role]!.shape) === 1;
    const alike = zero !== undefined && sameShape(context, zero.shape, inputs.x_scale!.shape);
    if (zero && !alike && !(one('x_zero_point') && one('x_scale')))
      throw badNode(
        subject,
        `'x_zero_point' has shape ${printShape(zero.shape)}`,
        `it must be that of 'x_scale', ${printShape(inputs.x_scale!.shape)}`,
      );
    return {
      y: {
        dtype: elementTypes[type] ?? inputs.x_scale!.dtype,
        shape: inputs.x!.shape,
      },
    };
  },
  lower: (node, context) => {
    const inputs = inputTypes(node, context.values);
    const { per, outer, length, inner, block, scales } = blocksOf(inferredContext(node, context));
    const { x, x_scale: scale, x_zero_point: zero } = node.inputs;
    const { dtype } = inputs.x!;
    const bindings = {
      x: x!,
      scale: scale!,
      ...(zero && { zero_point: zero }),
      y: node.outputs.y!,
    };
    const dynamic = {
      outer,
      x_words: wordsOf(outer * length * inner, dtype),
      scales,
      ...(zero && { zero_words: wordsOf(scales, dtype) }),
    };
    return {
      kernels: [dequantizeLinearKernel],
      problem: {
        axes: { ...dynamic, length, inner, block },
        dtypes: dtypesOf(context, bindings),
        options: {
          x_type: dtype,
          scale_per: per,
          zero_point: zero !== undefined,
        },
      },
      bindings,
      sizes: dynamic,
      flops: times(2, outer * length * inner),
    };
  },
});
