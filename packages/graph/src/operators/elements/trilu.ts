import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownElements } from '../shape/known.ts';
import { badNode, elementType } from '../shapes.ts';
import { numbers } from './element-types.ts';
import { computedType, mapRequest } from './map-request.ts';

/**
 * ONNX `Trilu` (opset 14): of the matrices of the last two axes what lies on the `k`th diagonal above the main one (default 0) and on
 * its `upper` or lower side.
 */
export const trilu: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Trilu',
  // output = a triangle of input, 0 elsewhere
  inputs: [
    { name: 'input', kind: 'required' },
    { name: 'k', kind: 'optional', known: true },
  ],
  attributes: { upper: { type: 'integer', default: 1, choices: [0, 1] } },
  infer: (context) => {
    const { subject, inputs } = context;
    elementType(subject, 'input', inputs.input!, numbers);
    if (inputs.input!.shape.length < 2)
      throw badNode(subject, 'its input has less than two axes', 'the last two are rows and columns');
    knownElements(context, 'k');
    return { output: inputs.input! };
  },
  lower: (node, context) => {
    const { input, k } = node.inputs as { readonly input: string; readonly k?: string };
    const { shape, dtype } = context.values[input]!;
    const type = computedType(dtype);
    const isUpper = node.attributes.upper === 1;
    return mapRequest(
      node,
      'output',
      {
        id: `${type} ${isUpper}`,
        operands: {
          x: { value: input },
          row: { axis: shape.length - 2 },
          column: { axis: shape.length - 1 },
          k: k === undefined ? { number: 0 } : { value: k, type: 'i32' },
        },
        wgsl: `return select(${type}(), x, i32(column) - i32(row) ${isUpper ? '>=' : '<='} k);`,
      },
      context,
    );
  },
});
