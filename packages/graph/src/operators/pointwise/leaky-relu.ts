import type { Operator } from '../../ir.ts';
import { leakyReluFormula } from './activation-formulas.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `LeakyRelu` (opset 16). */
export const leakyRelu: Operator = /* @__PURE__ */ definePointwise({
  name: 'LeakyRelu',
  // Y = X, or alpha · X below 0
  inputs: ['X'],
  output: 'Y',
  attributes: {
    alpha: { type: 'number', default: 0.01 },
  },
  expression: ({ alpha }) => leakyReluFormula('X', alpha),
});
