import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { withIntegers } from './with-fold.ts';

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

/** The same of integers, too. */
export const signWithIntegers: Operator = /* @__PURE__ */ withIntegers(sign, {
  output: 'output',
  wgsl: (type) =>
    `return select(${type}(), ${type}(1), a > ${type}())${type === 'i32' ? ' - i32(a < 0)' : ''};`,
});
