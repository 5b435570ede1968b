import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `HardSwish` (opset 22). */
export const hardSwish: Operator = /* @__PURE__ */ definePointwise({
  name: 'HardSwish',
  // Y = X · (X / 6 + 1/2, from 0 to 1)
  inputs: ['X'],
  output: 'Y',
  expression: () => ['mul', 'X', ['clamp', ['add', ['div', 'X', 6], 0.5], 0, 1]],
});
