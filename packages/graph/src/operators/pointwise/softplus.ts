import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Softplus` (opset 22). */
export const softplus: Operator = /* @__PURE__ */ definePointwise({
  name: 'Softplus',
  // Y = log(1 + exp(X))
  inputs: ['X'],
  output: 'Y',
  expression: () => ['softplus', 'X'],
});
