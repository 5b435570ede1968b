import { printShape } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { badNode, sameShape } from '../shapes.ts';
import { definePointwise } from './define-pointwise.ts';
import { swishExpression } from './swish-expression.ts';

/** ONNX `SwiGLU`; both operands have one shape. */
export const swiGlu: Operator = /* @__PURE__ */ definePointwise({
  name: 'SwiGLU',
  // Y = A · sigmoid(alpha · A) · B
  inputs: ['A', 'B'],
  output: 'Y',
  attributes: { alpha: { type: 'number', default: 1 } },
  check: (context, role) => {
    const { subject, inputs } = context;
    const [first, shape] = [inputs.A!.shape, inputs[role]!.shape];
    if (!sameShape(context, shape, first))
      throw badNode(
        subject,
        `'${role}' has shape ${printShape(shape)}`,
        `it must be ${printShape(first)}, as of 'A'`,
      );
  },
  expression: ({ alpha }) => ['mul', swishExpression(alpha, 'A'), 'B'],
});
