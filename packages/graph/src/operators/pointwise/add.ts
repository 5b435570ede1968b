import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Add` (opset 14). */
export const add: Operator = /* @__PURE__ */ definePointwise({
  name: 'Add',
  // C = A + B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['add', 'A', 'B'],
});
