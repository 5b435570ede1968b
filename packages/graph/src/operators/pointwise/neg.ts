import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Neg` (opset 13). */
export const neg: Operator = /* @__PURE__ */ definePointwise({
  name: 'Neg',
  // Y = -X
  inputs: ['X'],
  output: 'Y',
  expression: () => ['neg', 'X'],
});
