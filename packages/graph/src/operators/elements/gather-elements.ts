import { printShape } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { axisOf, badNode, elementType } from '../shapes.ts';
import { addressOf, coordinates, sizesOf } from './address.ts';
import { integers, numbers } from './element-types.ts';
import { computedType, mapRequest } from './map-request.ts';

/**
 * ONNX `GatherElements` (opset 13) of f32, f16, i32 and u32; indices of i32 may count from the end. Indices beyond the axis give zeros.
 */
export const gatherElements: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'GatherElements',
  // output = at each place of indices what data has there, but along the axis where indices say
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'indices', kind: 'required' },
  ],
  attributes: { axis: { type: 'integer', default: 0 } },
  infer: ({ subject, inputs, attributes }) => {
    const { data, indices } = inputs;
    elementType(subject, 'data', data!, numbers);
    elementType(subject, 'indices', indices!, integers);
    axisOf(subject, attributes.axis, data!.shape.length);
    if (data!.shape.length !== indices!.shape.length)
      throw badNode(
        subject,
        `'indices' has shape ${printShape(indices!.shape)}`,
        `it must have as many axes as ${printShape(data!.shape)}`,
      );
    return { output: { dtype: data!.dtype, shape: indices!.shape } };
  },
  lower: (node, context) => {
    const { data, indices } = node.inputs as Record<'data' | 'indices', string>;
    const { shape, dtype } = context.values[data]!;
    const axis = axisOf(node.name, node.attributes.axis, shape.length);
    const type = computedType(dtype);
    const places = shape.map((_, each) => (each === axis ? 'min(at, last)' : `min(i${each}, n${each} - 1u)`));
    return mapRequest(
      node,
      'output',
      {
        id: `${axis} ${type}`,
        operands: {
          data: { whole: data },
          index: { value: indices },
          ...coordinates(shape.length),
          ...sizesOf(shape),
        },
        wgsl: (load) => `let last = n${axis} - 1u;
  let at = select(u32(index), u32(index) + n${axis}, i32(index) < 0);
  return select(${type}(), ${load('data')}(${addressOf(places)}), at <= last);`,
      },
      context,
    );
  },
});
