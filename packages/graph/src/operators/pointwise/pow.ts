import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/**
 * ONNX `Pow` (opset 15) of f32 and f16. Of a negative X and an integer Y the sign is that of the product; of another Y there is
 * none: NaN.
 */
export const pow: Operator = /* @__PURE__ */ definePointwise({
  name: 'Pow',
  // Z = X to the power of Y, broadcast
  inputs: ['X', 'Y'],
  output: 'Z',
  // WGSL says nothing of powers of negative numbers.
  expression: () => [
    'select',
    ['less', 'X', 0],
    [
      'select',
      ['equal', ['floor', 'Y'], 'Y'],
      [
        'mul',
        ['pow', ['abs', 'X'], 'Y'],
        ['sub', 1, ['mul', 4, ['sub', ['div', 'Y', 2], ['floor', ['div', 'Y', 2]]]]],
      ],
      ['log', 'X'],
    ],
    ['pow', ['abs', 'X'], 'Y'],
  ],
});
