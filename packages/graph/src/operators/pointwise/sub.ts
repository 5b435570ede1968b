import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Sub` (opset 14). */
export const sub: Operator = /* @__PURE__ */ definePointwise({
  name: 'Sub',
  // C = A - B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['sub', 'A', 'B'],
});
