import { foldConstantOfShape } from '../../extent/fold.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownElements, knownOf } from '../shape/known.ts';
import { heldType } from './data-types.ts';
import { computedType, mapRequest } from './map-request.ts';

/**
 * ONNX `ConstantOfShape` (opset 25). The one element of its attribute `value` is the number `value` here (default 0), and its type
 * `data_type`, one of ONNX's data types (default 1, FLOAT).
 */
export const constantOfShape: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'ConstantOfShape',
  // output = value, everywhere in the shape of the elements of input
  inputs: [{ name: 'input', kind: 'required', known: true }],
  attributes: { value: { type: 'number', default: 0 }, data_type: { type: 'integer', default: 1 } },
  infer: (context) => ({
    output: {
      dtype: heldType(context.subject, 'data_type', context.attributes.data_type).dtype,
      shape: knownElements(context, 'input')!,
    },
  }),
  fold: (context) => {
    const { value, data_type } = context.attributes;
    const input = knownOf(context, 'input');
    const type = computedType(heldType(context.subject, 'data_type', data_type).dtype);
    return { output: input && type !== 'f32' ? foldConstantOfShape(input, value) : undefined };
  },
  lower: (node, context) =>
    mapRequest(
      node,
      'output',
      {
        id: '',
        operands: {
          a: {
            number: node.attributes.value,
            type: computedType(context.values[node.outputs.output!]!.dtype),
          },
        },
        wgsl: 'return a;',
      },
      context,
    ),
});
