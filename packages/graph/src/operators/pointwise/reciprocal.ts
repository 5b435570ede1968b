import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Reciprocal` (opset 13). */
export const reciprocal: Operator = /* @__PURE__ */ definePointwise({
  name: 'Reciprocal',
  // Y = 1 / X
  inputs: ['X'],
  output: 'Y',
  expression: () => ['reciprocal', 'X'],
});
