import { TilewrightError, nearestName } from '@tilewright/kernels';
import type { Attribute, AttributeDefinition, Node, Operator } from '../ir.ts';
import { badNode } from './shapes.ts';

/**
 * The attributes of a node with the defaults of its operator. Throws `bad-graph` for names, types and values that are
 * not the operator's, and for attributes that are missing.
 */
export function completeAttributes(
  subject: string,
  operator: Pick<Operator, 'name' | 'attributes'>,
  attributes: Readonly<Record<string, Attribute>>,
): Readonly<Record<string, Attribute>> {
  const definitions = operator.attributes;
  const complete: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!Object.hasOwn(definitions, name)) throw unknownAttribute(subject, name, Object.keys(definitions));
    checkAttribute(subject, name, value, definitions[name]!);
    complete[name] = value;
  }
  for (const [name, definition] of Object.entries(definitions)) {
    if (Object.hasOwn(complete, name)) continue;
    if (definition.default === undefined)
      throw badNode(
        subject,
        `the attribute '${name}' is missing`,
        `${operator.name} needs ${article(definition)}`,
      );
    complete[name] = definition.default;
  }
  return complete;
}

/** The same node with complete attributes: what `lower` and `expand` are called with. */
export const completeNode = (node: Node): Node => ({
  ...node,
  attributes: completeAttributes(node.name, node.operator, node.attributes),
});

function unknownAttribute(subject: string, name: string, known: readonly string[]): TilewrightError {
  const nearest = nearestName(name, known);
  return new TilewrightError('bad-graph', {
    subject,
    problem: `it has an attribute '${name}'`,
    requirement: `it takes ${known.join(', ') || 'none'}`,
    fix: nearest === undefined ? `leave '${name}' out` : `write '${nearest}', or leave it out`,
  });
}

function checkAttribute(
  subject: string,
  name: string,
  value: Attribute,
  definition: AttributeDefinition,
): void {
  if (value === null && definition.default === null) return;
  const { type, choices, least } = definition;
  if (!isOfType[type](value))
    throw badNode(
      subject,
      `the attribute '${name}' is ${printed(value)}`,
      `it must be ${article(definition)}`,
    );
  if (choices && !choices.includes(value as number | string))
    throw badNode(
      subject,
      `the attribute '${name}' is ${printed(value)}`,
      `it must be ${choices.join(' or ')}`,
    );
  if (least !== undefined && (value as number) < least)
    throw badNode(subject, `the attribute '${name}' is ${printed(value)}`, `it must be ${least} or more`);
  if (type === 'number' && !Number.isFinite(Math.fround(value as number)))
    throw badNode(
      subject,
      `the attribute '${name}' is ${printed(value)}`,
      'kernels take it as f32, which holds magnitudes up to 3.4e38',
    );
}

type IsOfType = (value: Attribute) => boolean;
const listOf =
  (isOne: IsOfType): IsOfType =>
  (value) =>
    Array.isArray(value) && value.every(isOne);
const isNumber: IsOfType = (value) => Number.isFinite(value);
const isInteger: IsOfType = (value) => Number.isSafeInteger(value);
const isString: IsOfType = (value) => typeof value === 'string';

const isOfType: Readonly<Record<AttributeDefinition['type'], IsOfType>> = {
  number: isNumber,
  integer: isInteger,
  string: isString,
  extent: (value) => typeof value === 'number' || typeof value === 'string' || Array.isArray(value),
  numbers: /* @__PURE__ */ listOf(isNumber),
  integers: /* @__PURE__ */ listOf(isInteger),
  strings: /* @__PURE__ */ listOf(isString),
};

const article = ({ type }: AttributeDefinition): string =>
  ({
    number: 'a number',
    integer: 'an integer',
    string: 'a string',
    numbers: 'a list of numbers',
    integers: 'a list of integers',
    strings: 'a list of strings',
    extent: 'a size',
  })[type];

export const printed = (value: Attribute): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);
