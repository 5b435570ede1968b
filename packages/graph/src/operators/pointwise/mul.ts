import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Mul` (opset 14). */
export const mul: Operator = /* @__PURE__ */ definePointwise({
  name: 'Mul',
  // C = A · B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['mul', 'A', 'B'],
});
