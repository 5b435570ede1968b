import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Relu` (opset 14). */
export const relu: Operator = /* @__PURE__ */ definePointwise({
  name: 'Relu',
  // Y = max(X, 0)
  inputs: ['X'],
  output: 'Y',
  expression: () => ['relu', 'X'],
});
