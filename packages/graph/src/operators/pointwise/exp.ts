import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Exp` (opset 13). */
export const exp: Operator = /* @__PURE__ */ definePointwise({
  name: 'Exp',
  // Y = exp(X)
  inputs: ['X'],
  output: 'Y',
  expression: () => ['exp', 'X'],
});
