import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Sigmoid` (opset 13). */
export const sigmoid: Operator = /* @__PURE__ */ definePointwise({
  name: 'Sigmoid',
  // Y = 1 / (1 + exp(-X))
  inputs: ['X'],
  output: 'Y',
  expression: () => ['sigmoid', 'X'],
});
