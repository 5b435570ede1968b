import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownElements } from '../shape/known.ts';
import { axisOf, badNode, elementType } from '../shapes.ts';
import { addressOf, coordinates } from './address.ts';
import { integers, numbers } from './element-types.ts';
import { mapRequest } from './map-request.ts';

/**
 * ONNX `OneHot` (opset 11): the second of `values` (f32, f16, i32, u32) at the index along a new axis of `depth` places, the first elsewhere. Indices
 * are u32, or i32 that may count from the end; `depth` is known.
 */
export const oneHot: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'OneHot',
  // output = values[1] where the coordinate along the axis is the index, else values[0]
  inputs: [
    { name: 'indices', kind: 'required' },
    { name: 'depth', kind: 'required', known: true },
    { name: 'values', kind: 'required' },
  ],
  attributes: { axis: { type: 'integer', default: -1 } },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    const { indices, values } = inputs;
    elementType(subject, 'indices', indices!, integers);
    elementType(subject, 'values', values!, numbers);
    if (values!.shape.length !== 1 || values!.shape[0] !== 2)
      throw badNode(subject, "'values' are not two", 'one stands at the index, the other elsewhere');
    const axis = axisOf(subject, attributes.axis, indices!.shape.length + 1);
    const depth = knownElements(context, 'depth')![0]!;
    return { output: { dtype: values!.dtype, shape: indices!.shape.toSpliced(axis, 0, depth) } };
  },
  lower: (node, context) => {
    const { indices, values } = node.inputs as Record<'indices' | 'values', string>;
    const { shape } = context.values[node.outputs.output!]!;
    const axis = axisOf(node.name, node.attributes.axis, shape.length);
    const others = shape.flatMap((size, each) => (each === axis ? [] : [{ size, each }]));
    const sizes = others.map(({ size }, place) => [`n${place}`, { number: size, type: 'u32' as const }]);
    return mapRequest(
      node,
      'output',
      {
        id: `${axis} ${context.values[indices]!.dtype} ${context.values[values]!.dtype}`,
        operands: {
          indices: { whole: indices },
          pair: { whole: values },
          ...coordinates(shape.length),
          ...Object.fromEntries(sizes),
          depth: { number: shape[axis]!, type: 'u32' },
        },
        wgsl: (load) => `let index = ${load('indices')}(${addressOf(others.map(({ each }) => `i${each}`))});
  let at = select(u32(index), u32(index) + depth, i32(index) < 0);
  return ${load('pair')}(select(0u, 1u, at == i${axis}));`,
      },
      context,
    );
  },
});
