import type { Operator } from '../../ir.ts';
import { eluFormula } from './activation-formulas.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Elu` (opset 22). */
export const elu: Operator = /* @__PURE__ */ definePointwise({
  name: 'Elu',
  // Y = X, or alpha · (exp(X) − 1) below 0
  inputs: ['X'],
  output: 'Y',
  attributes: {
    alpha: { type: 'number', default: 1 },
  },
  expression: ({ alpha }) => eluFormula('X', alpha),
});
