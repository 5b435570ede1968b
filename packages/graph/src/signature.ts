// What values hold, and what an operator says of its inputs and attributes.
import {
  evaluate,
  type Extent,
  type OptionValue,
  type Sizes,
  type StorageType,
  type UniformType,
} from '@tilewright/kernels';
import type { ByteType } from '@tilewright/runtime';
import type { Contents, ExtentScope } from './extent/index.ts';

/** What a value holds: what kernels store, or bytes, four to a word. */
export type ElementType = StorageType | ByteType;

export interface ValueType {
  readonly dtype: ElementType;
  /** Sizes over the symbols of the graph, in normal form: see `extentAlgebra`. */
  readonly shape: readonly Extent[];
}

/** Bytes of a dense value under some sizes of the symbols. */
export function bytesOfType({ dtype, shape }: ValueType, sizes: Sizes): number {
  const count = shape.reduce<number>((product, size) => product * evaluate(size, sizes), 1);
  return count * (dtype.endsWith('8') ? 1 : dtype === 'f16' ? 2 : 4);
}

/** Numbers, strings, flags, and nested records or lists of them (expressions). */
export type Attribute = OptionValue | null | readonly Attribute[] | { readonly [name: string]: Attribute };

/** `variadic`: any number of further inputs, under names that the node gives them. It is the last role. */
export type InputKind = 'required' | 'optional' | 'variadic';

export interface InputRole {
  readonly name: string;
  readonly kind: InputKind;
  /** It is a number of one step, of this type: no tensor. */
  readonly scalar?: UniformType;
  /** Its elements must be known while a graph is built: sizes, axes. No kernel reads it. */
  readonly known?: boolean;
}

/** What an attribute may be. Without a default it is required; the default `null` says something of its own. */
export interface AttributeDefinition {
  /** `extent`: a size of the graph. */
  readonly type: 'number' | 'integer' | 'string' | 'numbers' | 'integers' | 'strings' | 'extent';
  readonly default?: Attribute;
  readonly choices?: readonly (number | string)[];
  /** Of a number: nothing below it. */
  readonly least?: number;
}

/** What an operator may know when it infers the types of its outputs. Attributes are complete. */
export interface InferContext<Attributes = Readonly<Record<string, Attribute>>> {
  /** The node's name, for errors. */
  readonly subject: string;
  readonly inputs: Readonly<Record<string, ValueType>>;
  /** Of the inputs whose elements are known: what they are. */
  readonly contents: Readonly<Record<string, Contents>>;
  readonly attributes: Attributes;
  /** Reckons with the sizes of this graph. */
  readonly extents: ExtentScope;
  /** Has runs check that two sizes are equal, where nothing known now decides it. */
  readonly mustEqual: (a: Extent, b: Extent) => void;
}
