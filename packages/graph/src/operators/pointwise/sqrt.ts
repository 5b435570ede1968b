import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Sqrt` (opset 13). */
export const sqrt: Operator = /* @__PURE__ */ definePointwise({
  name: 'Sqrt',
  // Y = sqrt(X)
  inputs: ['X'],
  output: 'Y',
  expression: () => ['sqrt', 'X'],
});
