import { TilewrightError } from '@tilewright/kernels';
import type { Attribute, ValueType } from './ir.ts';
import { type Operators, operators as ours } from './operators/index.ts';

/** The types of a node's outputs. Throws `bad-graph` for unknown ops, missing inputs and shapes that do not fit. */
export function inferNode(
  name: string,
  op: string,
  inputs: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, Attribute>>,
  values: Readonly<Record<string, ValueType>>,
  operators: Operators = ours,
): Readonly<Record<string, ValueType>> {
  const operator = operators[op];
  if (!operator)
    throw new TilewrightError('bad-graph', {
      subject: name,
      problem: `there is no operator '${op}'`,
      requirement: `the operators are ${Object.keys(operators).join(', ')}`,
    });
  for (const role of operator.inputs)
    if (!/[?*]$/.test(role) && !inputs[role])
      throw new TilewrightError('bad-graph', {
        subject: name,
        problem: `${op} has no input '${role}'`,
        requirement: `it takes ${operator.inputs.join(', ')}`,
      });
  const types: Record<string, ValueType> = {};
  for (const [role, value] of Object.entries(inputs)) {
    const known = operator.inputs.some(
      (each) =>
        each.replace(/\?$/, '') === role || (each.endsWith('*') && role.startsWith(each.slice(0, -1))),
    );
    const type = values[value];
    if (known && type) types[role] = type;
    else
      throw new TilewrightError('bad-graph', {
        subject: name,
        problem: known ? `the value '${value}' does not exist` : `${op} has no input role '${role}'`,
        requirement: known
          ? 'a node reads values that stand before it'
          : `it takes ${operator.inputs.join(', ')}`,
      });
  }
  return operator.infer({ subject: name, inputs: types, attributes });
}
