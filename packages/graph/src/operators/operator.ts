import { TilewrightError } from '@tilewright/kernels';
import type { Attribute, Dimension, ValueType } from '../ir.ts';

/** What an operator may know when it infers the types of its outputs. */
export interface InferContext {
  /** The node's name, for errors. */
  readonly subject: string;
  readonly inputs: Readonly<Record<string, ValueType>>;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** The meaning of an op name: which inputs it takes and what comes out. */
export interface Operator {
  readonly name: string;
  readonly summary: string;
  /** Roles of its inputs; those ending in `?` may be absent, and one ending in `*` stands for any number of names. */
  readonly inputs: readonly string[];
  /** Output role → input role whose storage it takes over (a state and its successor). */
  readonly inPlace?: Readonly<Record<string, string>>;
  readonly infer: (context: InferContext) => Readonly<Record<string, ValueType>>;
}

/** A numeric attribute. Throws `bad-graph` when it is absent. */
export function numberOf(
  { attributes, subject }: Pick<InferContext, 'attributes' | 'subject'>,
  name: string,
): number {
  const value = attributes[name];
  if (typeof value === 'number') return value;
  throw badNode(subject, `the attribute '${name}' is ${String(value)}`, 'it must be a number');
}

/** Fails unless two dimensions are the same number or the same symbol. */
export function sameDimension(
  subject: string,
  what: string,
  got: Dimension | undefined,
  want: Dimension | undefined,
): void {
  if (got !== want) throw badNode(subject, `${what} is ${String(got)}`, `it must be ${String(want)}`);
}

export function rank(subject: string, role: string, type: ValueType, want: number): void {
  if (type.shape.length !== want)
    throw badNode(
      subject,
      `'${role}' has shape [${type.shape.join(', ')}]`,
      `it must have ${want} dimensions`,
    );
}

export function badNode(subject: string, problem: string, requirement: string): TilewrightError {
  return new TilewrightError('bad-graph', { subject, problem, requirement });
}
