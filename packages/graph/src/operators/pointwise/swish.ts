import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { swishExpression } from './swish-expression.ts';

/** ONNX `Swish` (opset 24); SiLU where `alpha` is 1. */
export const swish: Operator = /* @__PURE__ */ definePointwise({
  name: 'Swish',
  // Y = X · sigmoid(alpha · X)
  inputs: ['X'],
  output: 'Y',
  attributes: { alpha: { type: 'number', default: 1 } },
  expression: ({ alpha }) => swishExpression(alpha, 'X'),
});
