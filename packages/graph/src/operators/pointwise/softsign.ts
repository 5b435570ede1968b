import type { Operator } from '../../ir.ts';
import { softsignFormula } from './activation-formulas.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Softsign` (opset 22). */
export const softsign: Operator = /* @__PURE__ */ definePointwise({
  name: 'Softsign',
  // output = input / (1 + |input|)
  inputs: ['input'],
  output: 'output',
  expression: () => softsignFormula('input'),
});
