import type { Attribute, Operator } from '@tilewright/graph';
import { gelu } from '@tilewright/graph/operators/gelu';
import { relu } from '@tilewright/graph/operators/relu';
import type { ModelBuilder } from './model-builder.ts';

/** A function of each element: an operator of one input, and its attributes. */
export interface Activation {
  readonly operator: Operator;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const exactGelu: Activation = { operator: gelu };
const tanhGelu: Activation = { operator: gelu, attributes: { approximate: 'tanh' } };

/** By the names that Hugging Face's configs have for them (`ACT2FN`). */
export const activations: Readonly<Record<string, Activation>> = {
  gelu: exactGelu,
  gelu_python: exactGelu,
  gelu_new: tanhGelu,
  gelu_fast: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  relu: { operator: relu },
};

export const activate = (
  { graph }: ModelBuilder,
  x: string,
  name: string,
  { operator, attributes = {} }: Activation,
): string => graph.node(operator, { X: x }, attributes, name).Y!;
