import type { Operator } from '../../ir.ts';
import { thresholdedReluFormula } from './activation-formulas.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `ThresholdedRelu` (opset 22). */
export const thresholdedRelu: Operator = /* @__PURE__ */ definePointwise({
  name: 'ThresholdedRelu',
  // Y = X above alpha, or 0
  inputs: ['X'],
  output: 'Y',
  attributes: {
    alpha: { type: 'number', default: 1 },
  },
  expression: ({ alpha }) => thresholdedReluFormula('X', alpha),
});
