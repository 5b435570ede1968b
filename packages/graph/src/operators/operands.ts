import type { Expression } from '@tilewright/kernels';

/** Replaces operand names by expressions, all at once. */
export function substitute(expression: Expression, by: Readonly<Record<string, Expression>>): Expression {
  if (typeof expression === 'number') return expression;
  if (typeof expression === 'string') return by[expression] ?? expression;
  const [operator, ...operands] = expression;
  return [operator, ...operands.map((each) => substitute(each, by))] as unknown as Expression;
}
