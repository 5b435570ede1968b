import type { Attribute } from '../ir.ts';
import { badNode, type InferContext } from '../operators/operator.ts';

type Value = number | string;

/** An attribute's default, or `null` where its absence says something of its own. */
export type Defaults = Readonly<Record<string, Value | null>>;

/** The type of an attribute: of its default, a number where there is none. */
type Given<D extends Defaults> = {
  readonly [Name in keyof D]: D[Name] extends string ? string : D[Name] extends null ? number | null : number;
};

/** The attributes of a node with ONNX's defaults filled in. Throws `bad-graph` for names and types that are not the operator's. */
export function attributesOf<const D extends Defaults>(
  { subject, attributes }: Pick<InferContext, 'subject' | 'attributes'>,
  defaults: D,
): Given<D> {
  for (const [name, value] of Object.entries(attributes)) {
    const known = Object.keys(defaults).join(', ');
    if (!Object.hasOwn(defaults, name))
      throw badNode(subject, `it has an attribute '${name}'`, `it takes ${known || 'none'}`);
    const type = typeof defaults[name] === 'string' ? 'string' : 'number';
    if (typeof value !== type || (type === 'number' && !Number.isFinite(value)))
      throw badNode(subject, `the attribute '${name}' is ${printed(value)}`, `it must be a ${type}`);
  }
  return { ...defaults, ...attributes } as Given<D>;
}

const printed = (value: Attribute): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Fails unless an attribute is one of some values. */
export function oneOf(subject: string, name: string, value: Value, allowed: readonly Value[]): void {
  if (!allowed.includes(value))
    throw badNode(subject, `the attribute '${name}' is ${value}`, `it must be ${allowed.join(' or ')}`);
}
