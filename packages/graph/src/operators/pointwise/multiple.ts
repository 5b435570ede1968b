import type { Expression } from '@tilewright/kernels';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { elementType, floats } from '../shapes.ts';
import { pointwiseRequest } from './pointwise-request.ts';
import { pointwiseStep } from './pointwise-step.ts';

/** A number times each element: what products of ONNX with an alpha or a beta are made of. */
export const multiple: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Multiple',
  // Y = factor · X
  inputs: [{ name: 'X', kind: 'required' }],
  attributes: { factor: { type: 'number' } },
  slots: { epilogue: { direction: 'epilogue', role: 'Y', hands: 'element' } },
  absorption: {
    direction: 'epilogue',
    through: 'any',
    sees: () => 'element',
    expression: ({ attributes }) => formulaOf(attributes.factor),
    step: (node, place, context) => pointwiseStep(node, formulaOf(node.attributes.factor), place, context),
  },
  infer: ({ subject, inputs }) => {
    elementType(subject, 'X', inputs.X!, floats);
    return { Y: inputs.X! };
  },
  lower: (node, context) => pointwiseRequest(node, formulaOf(node.attributes.factor), 'Y', context),
});

const formulaOf = (factor: number): Expression => ['mul', factor, 'X'];
