// What an operator means, in f64. For tests, benches and `verify`: nothing that ships imports a meaning.
import type { Attribute, Node, Operator, ValueType } from '../ir.ts';

/** A node under the sizes of a step, with the numbers of its inputs. */
export interface MeaningContext {
  readonly node: Node;
  /** Complete: what a node leaves out has its default. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly has: (role: string) => boolean;
  /** Numbers of an input; throws for a role that the node does not have. */
  readonly value: (role: string) => Float64Array;
  /** Shape of an input or an output by its role, symbols resolved. */
  readonly shape: (role: string) => readonly number[];
  readonly type: (role: string) => ValueType;
}

/** An operator, and what it gives: the numbers of every output by role. */
export interface OperatorMeaning {
  readonly operator: Operator;
  readonly meaning: (context: MeaningContext) => Readonly<Record<string, Float64Array>>;
}
