import type { Expression } from '@tilewright/kernels';
import type { Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, broadcast, elementType, floats } from '../shapes.ts';
import { pointwiseRequest } from './pointwise-request.ts';

/** Makes an operator of any number of inputs of one type, broadcast, from what joins two. Call sites carry a pure annotation. */
export const defineVariadic = ({
  name,
  output,
  join,
  finish = (all) => all,
}: {
  readonly name: string;
  readonly output: string;
  readonly join: (a: Expression, b: Expression) => Expression;
  readonly finish?: (all: Expression, count: number) => Expression;
}): Operator => {
  const formula = ({ inputs }: Pick<Node, 'inputs'>): Expression => {
    const roles = Object.keys(inputs);
    return finish(roles.slice(1).reduce<Expression>(join, roles[0]!), roles.length);
  };
  return defineOperator({
    domain: '',
    name,
    inputs: [{ name: 'data', kind: 'variadic' }],
    infer: (context) => {
      const { subject, inputs } = context;
      const [first, ...others] = Object.entries(inputs);
      if (!first) throw badNode(subject, 'it has no inputs', 'there must be one');
      elementType(subject, first[0], first[1], floats);
      for (const [role, type] of others) elementType(subject, role, type, [first[1].dtype]);
      const shapes = Object.fromEntries(Object.entries(inputs).map(([role, { shape }]) => [role, shape]));
      return { [output]: { dtype: first[1].dtype, shape: broadcast(context, shapes) } };
    },
    lower: (node, context) => pointwiseRequest(node, formula(node), output, context),
  });
};
