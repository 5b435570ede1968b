import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Div` (opset 14). */
export const div: Operator = /* @__PURE__ */ definePointwise({
  name: 'Div',
  // C = A / B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['div', 'A', 'B'],
});
