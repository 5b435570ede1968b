import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Celu` (opset 12). */
export const celu: Operator = /* @__PURE__ */ definePointwise({
  name: 'Celu',
  // Y = max(X, 0) + min(alpha · (exp(X / alpha) − 1), 0)
  inputs: ['X'],
  output: 'Y',
  attributes: {
    alpha: { type: 'number', default: 1 },
  },
  expression: ({ alpha }) => [
    'add',
    ['max', 'X', 0],
    ['min', ['mul', alpha, ['sub', ['exp', ['min', ['div', 'X', alpha], 0]], 1]], 0],
  ],
});
