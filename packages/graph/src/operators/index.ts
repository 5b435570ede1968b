import { attention, rotaryEmbedding, tensorScatter } from './attention.ts';
import { elementwise, rmsNormalization } from './elementwise.ts';
import { gateUp, linear, linearRopeCache } from './linear.ts';
import type { Operator } from './operator.ts';
import { argMax, crossEntropy, embedding, gram, sample } from './tokens.ts';

/** The operators that a graph may have, by name. */
export type Operators = Readonly<Record<string, Operator>>;

/** Every operator of a language model by name. Names follow the ONNX operator where one exists. */
export const operators: Operators = Object.fromEntries(
  [
    argMax,
    attention,
    crossEntropy,
    elementwise,
    embedding,
    gateUp,
    gram,
    linear,
    linearRopeCache,
    rmsNormalization,
    rotaryEmbedding,
    sample,
    tensorScatter,
  ].map((operator) => [operator.name, operator]),
);
