// Operators that compute each element by itself, after broadcasting: one formula each, all lowered to `elementwise`.
import type { Expression } from '@tilewright/kernels';
import type { InferContext, Operator } from '../../ir.ts';
import { type AttributeDefinitions, type AttributesOf, defineOperator } from '../operator.ts';
import { broadcast, elementType, floats } from '../shapes.ts';
import { pointwiseRequest } from './pointwise-request.ts';
import { pointwiseStep } from './pointwise-step.ts';

export interface PointwiseDefinition<Definitions extends AttributeDefinitions> {
  readonly name: string;
  /** All required. */
  readonly inputs: readonly [string, ...string[]];
  readonly output: string;
  readonly attributes?: Definitions;
  readonly expression: (attributes: AttributesOf<Definitions>) => Expression;
  /** What else must hold of an input, beside the first. Throws `bad-graph`. */
  readonly check?: (context: InferContext<unknown>, role: string) => void;
}

/** Makes an operator of ONNX's from the formula of an element. Call sites carry a pure annotation. */
export function definePointwise<const Definitions extends AttributeDefinitions = Record<never, never>>(
  definition: PointwiseDefinition<Definitions>,
): Operator {
  const { name, inputs: roles, output, attributes, expression, check } = definition;
  return defineOperator<Definitions>({
    domain: '',
    name,
    inputs: roles.map((role) => ({ name: role, kind: 'required' })),
    ...(attributes && { attributes }),
    slots: { epilogue: { direction: 'epilogue', role: output, hands: 'element' } },
    absorption: {
      direction: 'epilogue',
      through: 'any',
      sees: () => 'element',
      expression: (node) => expression(node.attributes),
      step: (node, place, context) => pointwiseStep(node, expression(node.attributes), place, context),
    },
    infer: (context) => {
      const { subject, inputs } = context;
      const first = inputs[roles[0]]!;
      for (const role of roles) {
        elementType(subject, role, inputs[role]!, role === roles[0] ? floats : [first.dtype]);
        check?.(context, role);
      }
      const shapes = Object.fromEntries(roles.map((role) => [role, inputs[role]!.shape]));
      return {
        [output]: { dtype: first.dtype, shape: broadcast(context, shapes) },
      };
    },
    lower: (node, context) => pointwiseRequest(node, expression(node.attributes), output, context),
  });
}
