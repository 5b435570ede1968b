// Operators of floats that also reckon with sizes, for graphs read from files; what builds its graphs itself does without.
import type { Contents } from '../../extent/index.ts';
import type { InferContext, Operator, ValueType } from '../../ir.ts';
import { badNode } from '../shapes.ts';
import { knownOf } from '../shape/known.ts';

/** What an operator makes of integers that are all known. */
export interface IntegerFold {
  readonly output: string;
  readonly shape: (context: InferContext) => ValueType['shape'];
  readonly elements: (context: InferContext) => Contents | undefined;
}

export const isKnown = (context: InferContext): boolean =>
  Object.keys(context.inputs).every((role) => knownOf(context, role));

/** The same operator, which also takes known integers where all of its inputs are. */
export const withKnown = (operator: Operator, { output, shape, elements }: IntegerFold): Operator =>
  Object.freeze<Operator>({
    ...operator,
    infer: (context) =>
      isKnown(context) ? { [output]: { dtype: 'i32', shape: shape(context) } } : operator.infer(context),
    fold: (context) => (isKnown(context) ? { [output]: elements(context) } : {}),
    lower: (node, context) => {
      if (context.values[node.outputs[output]!]!.dtype !== 'i32') return operator.lower!(node, context);
      throw badNode(
        node.name,
        'what it makes of integers depends on the sizes of a run, or is more than 64 of them',
        'integers are reckoned with while a graph is built',
      );
    },
  });
