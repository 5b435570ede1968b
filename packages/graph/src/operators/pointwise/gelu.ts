import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Gelu` (opset 20). */
export const gelu: Operator = /* @__PURE__ */ definePointwise({
  name: 'Gelu',
  // Y = X · Φ(X), or its approximation by tanh
  inputs: ['X'],
  output: 'Y',
  attributes: {
    approximate: { type: 'string', default: 'none', choices: ['none', 'tanh'] },
  },
  expression: ({ approximate }) => [approximate === 'tanh' ? 'gelu-tanh' : 'gelu', 'X'],
});
