import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Abs` (opset 13). */
export const abs: Operator = /* @__PURE__ */ definePointwise({
  name: 'Abs',
  // Y = |X|
  inputs: ['X'],
  output: 'Y',
  expression: () => ['abs', 'X'],
});
