// Operators that compute each element by itself, after broadcasting: one formula each, all lowered to `elementwise`.
import type { Expression } from '@tilewright/kernels';
import { productOf } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import {
  type AttributeDefinitions,
  type AttributesOf,
  defineOperator,
  type OperatorDefinition,
} from '../operator.ts';
import { staticSize } from '../requests.ts';
import { badNode, broadcast, elementType, floats } from '../shapes.ts';
import { storeRowsRequest } from '../store-rows-request.ts';
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

/** What operators of a formula have in common, however they are computed where nothing takes them in. */
export function pointwiseParts<const Definitions extends AttributeDefinitions>({
  name,
  inputs: roles,
  output,
  attributes,
  expression,
  check,
}: PointwiseDefinition<Definitions>): OperatorDefinition<Definitions> {
  return {
    domain: '',
    name,
    inputs: roles.map((role) => ({ name: role, kind: 'required' })),
    ...(attributes && { attributes }),
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
  };
}

/** Makes an operator of ONNX's from the formula of an element. Call sites carry a pure annotation. */
export function definePointwise<const Definitions extends AttributeDefinitions = Record<never, never>>(
  definition: PointwiseDefinition<Definitions>,
): Operator {
  const { output, expression } = definition;
  return defineOperator<Definitions>({
    ...pointwiseParts(definition),
    slots: { epilogue: { direction: 'epilogue', role: output, hands: 'element' } },
    lower: (node, context) => pointwiseRequest(node, expression(node.attributes), output, context),
  });
}

/**
 * The same for rows behind products, which take such operators in: operands have the shape of the result, or a number for each of its
 * columns. What no product takes in is stored as rows are; a graph of such alone carries no kernel for operands that lie otherwise.
 */
export function definePointwiseOfRows<const Definitions extends AttributeDefinitions = Record<never, never>>(
  definition: PointwiseDefinition<Definitions>,
): Operator {
  const { output, expression } = definition;
  return defineOperator<Definitions>({
    ...pointwiseParts(definition),
    lower: (node, context) => {
      const y = node.outputs[output]!;
      const { shape } = context.values[y]!;
      const isWhole = (value: string): boolean =>
        JSON.stringify(context.values[value]!.shape) === JSON.stringify(shape);
      const x = Object.values(node.inputs).find(isWhole);
      if (x === undefined)
        throw badNode(node.name, 'no operand has the shape of the result', 'rows are of one shape');
      const width = staticSize(context, y, -1);
      const { id, bindings, wgsl } = pointwiseStep(
        node,
        expression(node.attributes),
        { argument: x, width },
        context,
      );
      return storeRowsRequest(
        context,
        { x, y },
        {
          id: `${id} stored`,
          bindings,
          wgsl: (name, at) => `${wgsl(`${name}_of`, at)}
fn ${name}(row: u32, column: u32, v: unit) {
  y_store(row * UNITS + column / WIDTH, ${name}_of(row, column, vec4<f32>(v))${width % 4 === 0 ? '' : '.x'});
}`,
        },
        { singly: false, flops: productOf(context.extents, ...shape) },
      );
    },
  });
}
