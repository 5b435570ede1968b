import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Selu` (opset 22). */
export const selu: Operator = /* @__PURE__ */ definePointwise({
  name: 'Selu',
  // Y = gamma · X, or gamma · alpha · (exp(X) − 1) from 0 down
  inputs: ['X'],
  output: 'Y',
  attributes: {
    alpha: { type: 'number', default: 1.6732631921768188 },
    gamma: { type: 'number', default: 1.0507010221481323 },
  },
  expression: ({ alpha, gamma }) => [
    'mul',
    gamma,
    ['select', ['less', 'X', 0], ['mul', alpha, ['sub', ['exp', ['min', 'X', 0]], 1]], 'X'],
  ],
});
