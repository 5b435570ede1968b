import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Log` (opset 13). */
export const log: Operator = /* @__PURE__ */ definePointwise({
  name: 'Log',
  // Y = log(X)
  inputs: ['X'],
  output: 'Y',
  expression: () => ['log', 'X'],
});
