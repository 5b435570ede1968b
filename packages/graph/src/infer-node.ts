import { TilewrightError, nearestName } from '@tilewright/kernels';
import type { Attribute, InputRole, Operator, ValueType } from './ir.ts';
import { completeAttributes } from './operators/attributes.ts';

/**
 * The types of a node's outputs. Throws `bad-graph` for missing inputs, roles and attributes that the operator does not
 * have, and shapes that do not fit; `bad-dtype` for element types that it does not take.
 */
export function inferNode(
  name: string,
  operator: Operator,
  inputs: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, Attribute>>,
  values: Readonly<Record<string, ValueType>>,
): Readonly<Record<string, ValueType>> {
  const roles = operator.inputs;
  const takes = `it takes ${roles.map(printedRole).join(', ')}`;
  for (const { name: role, kind } of roles)
    if (kind === 'required' && !inputs[role])
      throw new TilewrightError('bad-graph', {
        subject: name,
        problem: `${operator.name} has no input '${role}'`,
        requirement: takes,
      });
  const named = roles.filter(({ kind }) => kind !== 'variadic').map((role) => role.name);
  const isVariadic = named.length < roles.length;
  const types: Record<string, ValueType> = {};
  for (const [role, value] of Object.entries(inputs)) {
    if (!isVariadic && !named.includes(role)) throw unknownRole(name, operator.name, role, named, takes);
    const type = values[value];
    if (!type)
      throw new TilewrightError('bad-graph', {
        subject: name,
        problem: `the value '${value}' does not exist`,
        requirement: 'a node reads values that stand before it',
      });
    types[role] = type;
  }
  const complete = completeAttributes(name, operator, attributes);
  return operator.infer({ subject: name, inputs: types, attributes: complete });
}

function unknownRole(
  subject: string,
  operator: string,
  role: string,
  known: readonly string[],
  takes: string,
): TilewrightError {
  const nearest = nearestName(role, known);
  return new TilewrightError('bad-graph', {
    subject,
    problem: `${operator} has no input role '${role}'`,
    requirement: takes,
    ...(nearest !== undefined && { fix: `write '${nearest}'` }),
  });
}

const printedRole = ({ name, kind }: InputRole): string => (kind === 'required' ? name : `${name} (${kind})`);
