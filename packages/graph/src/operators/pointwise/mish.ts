import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Mish` (opset 22). */
export const mish: Operator = /* @__PURE__ */ definePointwise({
  name: 'Mish',
  // Y = X · tanh(softplus(X))
  inputs: ['X'],
  output: 'Y',
  expression: () => ['mul', 'X', ['tanh', ['softplus', 'X']]],
});
