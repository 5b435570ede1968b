// Operators of floats that also take integers, known or of a run, for graphs read from files; what builds its graphs itself does
// without.
import type { Extent } from '@tilewright/kernels';
import { foldPairwise } from '../../extent/fold.ts';
import { type Pairwise } from '../../extent/pairwise.ts';
import { type Contents, extentAlgebra } from '../../extent/index.ts';
import type { ElementType, InferContext, Operator } from '../../ir.ts';
import { broadcast } from '../shapes.ts';
import { knownOf } from '../shape/known.ts';
import { isKnown } from './with-known.ts';
import { commonType, integers } from '../elements/element-types.ts';
import { computedType, mapRequest } from '../elements/map-request.ts';

/** What an operator makes of integers. */
export interface IntegerMap {
  readonly output: string;
  /** The body of a WGSL function of the inputs by `roles`, which are `a`, `b` and so on. */
  readonly wgsl: (type: 'i32' | 'u32', roles: readonly string[]) => string;
  /** The elements, where they are known. */
  readonly elements?: (context: InferContext) => Contents | undefined;
  /** The shape of the output; default that which the inputs broadcast to. */
  readonly shape?: (context: InferContext) => readonly Extent[];
}

/** The same operator, which also takes integers of one type: what is made of known ones is known, too, where that can be. */
export function withIntegers(operator: Operator, { output, wgsl, elements, shape }: IntegerMap): Operator {
  const isInteger = ({ inputs }: Pick<InferContext, 'inputs'>): boolean =>
    Object.values(inputs).every(({ dtype }) => integers.includes(dtype));
  const broadcasted = (context: InferContext): readonly Extent[] =>
    broadcast(
      context,
      Object.fromEntries(Object.entries(context.inputs).map(([role, type]) => [role, type.shape])),
    );
  return Object.freeze<Operator>({
    ...operator,
    infer: (context) => {
      if (!isInteger(context)) return operator.infer(context);
      const dtype: ElementType = isKnown(context) ? 'i32' : commonType(context, Object.keys(context.inputs));
      return { [output]: { dtype, shape: (shape ?? broadcasted)(context) } };
    },
    fold: (context) => (isKnown(context) && elements ? { [output]: elements(context) } : {}),
    lower: (node, context) => {
      const type = computedType(context.values[node.outputs[output]!]!.dtype);
      if (type === 'f32') return operator.lower!(node, context);
      const roles = Object.keys(node.inputs);
      return mapRequest(
        node,
        output,
        {
          id: type,
          operands: Object.fromEntries(
            roles.map((role, i) => [parameterOf(i), { value: node.inputs[role]!, type }]),
          ),
          wgsl: wgsl(type, roles),
        },
        context,
      );
    },
  });
}

/** The name of a function's parameter: `a`, `b` and so on. */
export const parameterOf = (place: number): string =>
  place < 26 ? String.fromCharCode(97 + place) : `a${place}`;

/** The same operator of two, which also takes integers of one type, broadcast to each other. */
export const withFold = (operator: Operator, operation: Pairwise, symbol: string): Operator =>
  withIntegers(operator, {
    output: 'C',
    wgsl: () => `return a ${symbol} b;`,
    elements: (context) => {
      const [a, b] = [knownOf(context, 'A'), knownOf(context, 'B')];
      return a && b && foldPairwise(extentAlgebra(context.extents.symbols), operation, a, b);
    },
  });
