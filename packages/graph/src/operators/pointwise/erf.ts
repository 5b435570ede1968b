import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Erf` (opset 13). */
export const erf: Operator = /* @__PURE__ */ definePointwise({
  name: 'Erf',
  // Y = erf(X)
  inputs: ['X'],
  output: 'Y',
  expression: () => ['erf', 'X'],
});
