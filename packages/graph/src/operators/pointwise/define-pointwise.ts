// Operators that compute each element by itself, after broadcasting: one formula each, all lowered to `elementwise`.
import type { Expression } from '@tilewright/kernels';
import { printShape } from '../../extent/index.ts';
import type { InferContext, Operator, ValueType } from '../../ir.ts';
import { type AttributeDefinitions, type AttributesOf, defineOperator } from '../operator.ts';
import { badNode, broadcast, elementType, floats, sameShape } from '../shapes.ts';
import { elementwiseRequest, operandOf } from './elementwise-request.ts';

export interface PointwiseDefinition<Definitions extends AttributeDefinitions> {
  readonly name: string;
  readonly summary: string;
  /** All required. */
  readonly inputs: readonly [string, ...string[]];
  readonly output: string;
  readonly attributes?: Definitions;
  readonly expression: (attributes: AttributesOf<Definitions>) => Expression;
  /** The shapes of the inputs must be equal. */
  readonly sameShape?: boolean;
}

/** Makes an operator of ONNX's from the formula of an element. Call sites carry a pure annotation. */
export function definePointwise<const Definitions extends AttributeDefinitions = Record<never, never>>(
  definition: PointwiseDefinition<Definitions>,
): Operator {
  const {
    name,
    summary,
    inputs: roles,
    output,
    attributes,
    expression,
    sameShape: alike = false,
  } = definition;
  return defineOperator<Definitions>({
    domain: '',
    name,
    summary,
    inputs: roles.map((role) => ({ name: role, kind: 'required' })),
    ...(attributes && { attributes }),
    infer: (context) => {
      const { subject, inputs } = context;
      const first = inputs[roles[0]]!;
      for (const role of roles) {
        elementType(subject, role, inputs[role]!, role === roles[0] ? floats : [first.dtype]);
        if (alike) checkAlike(context, role, inputs[role]!, roles[0], first);
      }
      const shapes = Object.fromEntries(roles.map((role) => [role, inputs[role]!.shape]));
      return {
        [output]: { dtype: first.dtype, shape: broadcast(context, shapes) },
      };
    },
    lower: (node, context) => {
      const { shape } = context.values[node.outputs[output]!]!;
      const operands = Object.fromEntries(
        roles.map((role) => [
          role,
          operandOf(node.name, role, context.values[node.inputs[role]!]!.shape, shape),
        ]),
      );
      return elementwiseRequest(node, context, {
        expression: expression(node.attributes),
        operands,
        output,
      });
    },
  });
}

function checkAlike(
  context: InferContext<unknown>,
  role: string,
  { shape }: ValueType,
  firstRole: string,
  first: ValueType,
): void {
  if (!sameShape(context, shape, first.shape))
    throw badNode(
      context.subject,
      `'${role}' has shape ${printShape(shape)}`,
      `it must be ${printShape(first.shape)}, as of '${firstRole}'`,
    );
}
