import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { swishExpression } from './swish-expression.ts';

/** ONNX `SwiGLU`; both operands have one shape. */
export const swiGlu: Operator = /* @__PURE__ */ definePointwise({
  name: 'SwiGLU',
  summary: 'Y = A · sigmoid(alpha · A) · B',
  inputs: ['A', 'B'],
  output: 'Y',
  attributes: { alpha: { type: 'number', default: 1 } },
  sameShape: true,
  expression: ({ alpha }) => ['mul', swishExpression(alpha, 'A'), 'B'],
});
