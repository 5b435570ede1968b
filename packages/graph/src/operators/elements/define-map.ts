// Operators that compute each element by itself, after broadcasting, of any element types: all lowered to `map-elements`.
import type { UniformType } from '@tilewright/kernels';
import { type Contents, type KnownValue } from '../../extent/index.ts';
import type { ElementType, InferContext, Operator } from '../../ir.ts';
import { type AttributeDefinitions, type AttributesOf, defineOperator } from '../operator.ts';
import { knownOf } from '../shape/known.ts';
import { broadcast } from '../shapes.ts';
import { commonType, commonTypeOf } from './element-types.ts';
import { computedType, mapRequest } from './map-request.ts';

export interface MapDefinition<Definitions extends AttributeDefinitions> {
  readonly name: string;
  /** All required, and of one type. */
  readonly inputs: readonly [string, ...string[]];
  readonly output: string;
  readonly attributes?: Definitions;
  /** Types that the inputs may have. */
  readonly takes: readonly ElementType[];
  /** The type of the output; default that of the inputs. */
  readonly gives?: ElementType;
  /** The body of a WGSL function of the inputs, which are `a`, `b` and so on, of this type. */
  readonly wgsl: (type: UniformType, attributes: AttributesOf<Definitions>) => string;
  /** The elements of what is made of known integers. */
  readonly fold?: (
    context: InferContext<AttributesOf<Definitions>>,
    known: readonly KnownValue[],
  ) => Contents | undefined;
}

/** Makes an operator of ONNX's from a function of elements. Call sites carry a pure annotation. */
export function defineMap<const Definitions extends AttributeDefinitions = Record<never, never>>(
  definition: MapDefinition<Definitions>,
): Operator {
  const { name, inputs: roles, output, attributes, takes, gives, wgsl, fold } = definition;
  return defineOperator<Definitions>({
    domain: '',
    name,
    inputs: roles.map((role) => ({ name: role, kind: 'required' })),
    ...(attributes && { attributes }),
    infer: (context) => {
      const dtype = commonType(context, roles, takes);
      const shapes = Object.fromEntries(roles.map((role) => [role, context.inputs[role]!.shape]));
      return { [output]: { dtype: gives ?? dtype, shape: broadcast(context, shapes) } };
    },
    ...(fold && {
      fold: (context) => {
        const known = roles.flatMap((role) => knownOf(context, role) ?? []);
        return known.length === roles.length ? { [output]: fold(context, known) } : {};
      },
    }),
    lower: (node, context) => {
      const type = computedType(commonTypeOf(node, roles, context));
      return mapRequest(
        node,
        output,
        {
          id: `${type} ${JSON.stringify(node.attributes)}`,
          operands: Object.fromEntries(
            roles.map((role, i) => ['abc'[i]!, { value: node.inputs[role]!, type }]),
          ),
          wgsl: wgsl(type, node.attributes),
        },
        context,
      );
    },
  });
}
