import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Tanh` (opset 13). */
export const tanh: Operator = /* @__PURE__ */ definePointwise({
  name: 'Tanh',
  // Y = tanh(X)
  inputs: ['X'],
  output: 'Y',
  expression: () => ['tanh', 'X'],
});
