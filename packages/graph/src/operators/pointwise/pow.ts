import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { withIntegers } from './with-fold.ts';

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

/** The same of integers of one type, too; to a power below 0 they are 0, but for 1 and −1. */
export const powWithIntegers: Operator = /* @__PURE__ */ withIntegers(pow, {
  output: 'Z',
  wgsl: (type) => `${
    type === 'i32'
      ? 'if (b < 0) { return select(select(0, select(-1, 1, (b & 1) == 0), a == -1), 1, a == 1); }\n  '
      : ''
  }var result = ${type}(1);
  var square = a;
  for (var bit = 0u; bit < 32u; bit++) {
    if (((u32(b) >> bit) & 1u) == 1u) { result *= square; }
    square *= square;
  }
  return result;`,
});
