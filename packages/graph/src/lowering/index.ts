import { lowerAttention, lowerRotaryEmbedding, lowerTensorScatter } from './attention.ts';
import { lowerElementwise, lowerRmsNormalization } from './elementwise.ts';
import { lowerGateUp, lowerLinear, lowerLinearRopeCache } from './linear.ts';
import type { Lower } from './lowering.ts';
import { lowerArgMax, lowerCrossEntropy, lowerEmbedding, lowerGram, lowerSample } from './tokens.ts';

/** How each operator is computed, by name. */
export const lowerings: Readonly<Record<string, Lower>> = {
  ArgMax: lowerArgMax,
  Attention: lowerAttention,
  CrossEntropy: lowerCrossEntropy,
  Elementwise: lowerElementwise,
  Embedding: lowerEmbedding,
  GateUp: lowerGateUp,
  Gram: lowerGram,
  Linear: lowerLinear,
  LinearRopeCache: lowerLinearRopeCache,
  RMSNormalization: lowerRmsNormalization,
  RotaryEmbedding: lowerRotaryEmbedding,
  Sample: lowerSample,
  TensorScatter: lowerTensorScatter,
};
