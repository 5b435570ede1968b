import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `LeakyRelu` (opset 16). */
export const leakyRelu: Operator = /* @__PURE__ */ definePointwise({
  name: 'LeakyRelu',
  // Y = X, or alpha · X below 0
  inputs: ['X'],
  output: 'Y',
  attributes: {
    alpha: { type: 'number', default: 0.01 },
  },
  expression: ({ alpha }) => ['select', ['less', 'X', 0], ['mul', alpha, 'X'], 'X'],
});
