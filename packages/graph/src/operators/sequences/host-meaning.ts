import type { Operator } from '../../ir.ts';
import type { OperatorMeaning } from '../meaning.ts';

/** What the host computes, in f64. */
export const hostMeaning = (operator: Operator): OperatorMeaning => ({
  operator,
  meaning: (context) =>
    Object.fromEntries(
      Object.entries(operator.host!({ ...context, subject: context.node.name })).map(([role, numbers]) => [
        role,
        Float64Array.from(numbers),
      ]),
    ),
});
