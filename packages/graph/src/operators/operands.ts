import { type Expression, expressionOperands } from '@tilewright/kernels';
import { badNode } from './shapes.ts';

/** Fails unless the inputs given under names of their own are those that an expression names. */
export function checkOperands(
  subject: string,
  expression: Expression | null,
  names: readonly string[],
): void {
  const wanted = expression === null ? [] : expressionOperands(expression);
  const list = wanted.join(', ') || 'none';
  for (const name of names)
    if (!wanted.includes(name))
      throw badNode(subject, `it has an operand '${name}'`, `its expression names ${list}`);
  for (const name of wanted)
    if (!names.includes(name))
      throw badNode(subject, `it has no operand '${name}'`, `its expression names ${list}`);
}

/** Replaces operand names by expressions, all at once. */
export function substitute(expression: Expression, by: Readonly<Record<string, Expression>>): Expression {
  if (typeof expression === 'number') return expression;
  if (typeof expression === 'string') return by[expression] ?? expression;
  const [operator, ...operands] = expression;
  return [operator, ...operands.map((each) => substitute(each, by))] as unknown as Expression;
}
