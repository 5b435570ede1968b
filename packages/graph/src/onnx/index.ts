// ONNX's operators with ONNX's names, ranks and attributes, beside those of language models: hand `onnx` to `graphBuilder` and
// to `compile`. An entry of its own, so that a page that runs a language model does not carry it.
import { ours, type OperatorSet } from '../operator-set.ts';
import { appendTokens, attention, attentionScores, fusedAttention } from './attention.ts';
import { lowerAppendTokens, lowerAttentionScores, lowerFusedAttention } from './attention-lowering.ts';
import { expandAttention } from './attention-rule.ts';
import { dequantizeLinear, lowerDequantizeLinear, lowerMatMulInteger, matMulInteger } from './integer.ts';
import { lowerMatMul, matMul } from './matmul.ts';
import {
  layerNormalization,
  logSoftmax,
  lowerLayerNormalization,
  lowerRmsNormalization,
  lowerSoftmax,
  rmsNormalization,
  softmax,
  spreadScale,
} from './normalization.ts';
import { lowerPointwise, pointwiseOperators } from './pointwise.ts';
import { lowerRotaryEmbedding, rotaryEmbedding } from './rotary.ts';
import { lowerTensorScatter, scatterInPlace, scatterStates, tensorScatter } from './tensor-scatter.ts';
import { lowerSplitHeads, lowerTranspose, splitHeads, transpose } from './transpose.ts';

const named = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries(entries);

/**
 * ONNX operators of the default domain, in place of ours of the same name (`Attention`, `RMSNormalization`, `RotaryEmbedding`,
 * `TensorScatter`). Inputs, outputs and attributes are named as in the standard. Booleans and indices are u32, 8-bit integers are bytes.
 */
export const onnx: OperatorSet = {
  operators: {
    ...ours.operators,
    ...named(
      [
        appendTokens,
        attention,
        attentionScores,
        dequantizeLinear,
        fusedAttention,
        layerNormalization,
        logSoftmax,
        matMul,
        matMulInteger,
        ...pointwiseOperators,
        rmsNormalization,
        rotaryEmbedding,
        scatterInPlace,
        softmax,
        splitHeads,
        tensorScatter,
        transpose,
      ].map((operator) => [operator.name, operator]),
    ),
  },
  lowerings: {
    ...ours.lowerings,
    ...named(pointwiseOperators.map(({ name }) => [name, lowerPointwise])),
    AppendTokens: lowerAppendTokens,
    AttentionScores: lowerAttentionScores,
    DequantizeLinear: lowerDequantizeLinear,
    FusedAttention: lowerFusedAttention,
    LayerNormalization: lowerLayerNormalization,
    LogSoftmax: lowerSoftmax,
    MatMul: lowerMatMul,
    MatMulInteger: lowerMatMulInteger,
    RMSNormalization: lowerRmsNormalization,
    RotaryEmbedding: lowerRotaryEmbedding,
    ScatterInPlace: lowerTensorScatter,
    Softmax: lowerSoftmax,
    SplitHeads: lowerSplitHeads,
    TensorScatter: lowerTensorScatter,
    Transpose: lowerTranspose,
  },
  rules: [expandAttention, spreadScale, scatterStates],
};
