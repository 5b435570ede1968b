// Operators that compute each element by itself, after broadcasting: one formula each, all lowered to `elementwise`.
import type { Expression } from '@tilewright/kernels';
import type { Operator, ValueType } from '../../ir.ts';
import { type AttributeDefinitions, type AttributesOf, defineOperator } from '../operator.ts';
import { badNode, broadcast, elementType, floats } from '../shapes.ts';
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
  const { name, summary, inputs: roles, output, attributes, expression, sameShape = false } = definition;
  return defineOperator<Definitions>({
    domain: '',
    name,
    summary,
    inputs: roles.map((role) => ({ name: role, kind: 'required' })),
    ...(attributes && { attributes }),
    infer: ({ subject, inputs }) => {
      const first = inputs[roles[0]]!;
      for (const role of roles) {
        elementType(subject, role, inputs[role]!, role === roles[0] ? floats : [first.dtype]);
        if (sameShape) checkSameShape(subject, role, inputs[role]!, roles[0], first);
      }
      const shapes = Object.fromEntries(roles.map((role) => [role, inputs[role]!.shape]));
      return {
        [output]: { dtype: first.dtype, shape: broadcast(subject, shapes) },
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

function checkSameShape(
  subject: string,
  role: string,
  { shape }: ValueType,
  firstRole: string,
  first: ValueType,
): void {
  if (shape.join() !== first.shape.join())
    throw badNode(
      subject,
      `'${role}' has shape [${shape.join(', ')}]`,
      `it must be [${first.shape.join(', ')}], as of '${firstRole}'`,
    );
}
