import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { rank } from '../shapes.ts';
import { heldType } from './data-types.ts';
import { computedType, mapRequest } from './map-request.ts';

/** ONNX `EyeLike` (opset 22): ones on the `k`th diagonal above the main one of a matrix as large as the input. */
export const eyeLike: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'EyeLike',
  // output = 1 where column − row = k, else 0
  inputs: [{ name: 'input', kind: 'required' }],
  attributes: { dtype: { type: 'integer', default: null }, k: { type: 'integer', default: 0 } },
  infer: ({ subject, inputs, attributes }) => {
    rank(subject, 'input', inputs.input!, 2);
    const { dtype } =
      attributes.dtype === null ? inputs.input! : heldType(subject, 'dtype', attributes.dtype);
    return { output: { dtype, shape: inputs.input!.shape } };
  },
  lower: (node, context) => {
    const type = computedType(context.values[node.outputs.output!]!.dtype);
    return mapRequest(
      node,
      'output',
      {
        id: '',
        operands: { row: { axis: 0 }, column: { axis: 1 }, k: { number: node.attributes.k } },
        wgsl: `return ${type}(i32(column) - i32(row) == k);`,
      },
      context,
    );
  },
});
