import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Sign` (opset 13) of f32 and f16: −1, 0 or 1; NaN stays NaN. */
export const sign: Operator = /* @__PURE__ */ definePointwise({
  name: 'Sign',
  // output = the sign of input
  inputs: ['input'],
  output: 'output',
  expression: () => [
    'select',
    ['equal', 'input', 'input'],
    ['sub', ['less', 0, 'input'], ['less', 'input', 0]],
    'input',
  ],
});
