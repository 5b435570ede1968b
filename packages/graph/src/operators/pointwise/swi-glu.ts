import { printShape } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { badNode, sameShape } from '../shapes.ts';
import { definePointwise, definePointwiseOfRows, type PointwiseDefinition } from './define-pointwise.ts';
import { swishExpression } from './swish-expression.ts';

const definition = {
  name: 'SwiGLU',
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
} as const satisfies PointwiseDefinition<{
  readonly alpha: { readonly type: 'number'; readonly default: 1 };
}>;

/** ONNX `SwiGLU`, Y = A · sigmoid(alpha · A) · B; both operands have one shape. */
export const swiGlu: Operator = /* @__PURE__ */ definePointwise(definition);

/** The same of rows that a product makes. */
export const swiGluOfRows: Operator = /* @__PURE__ */ definePointwiseOfRows(definition);
