// Every operator with its meaning: one line each, in a list of their own where a family has many. For tests, bench, cli and docs; what ships imports the operators it uses.
import type { Operator } from './ir.ts';
import type { OperatorMeaning } from './operators/meaning.ts';
import { elementsMeanings } from './operators/elements/registry.ts';
import { pointwiseMeanings } from './operators/pointwise/registry.ts';
import { appendTokensMeaning } from './operators/attention/append-tokens.meaning.ts';
import { attentionScoresMeaning } from './operators/attention/attention-scores.meaning.ts';
import { attentionMeaning } from './operators/attention/attention.meaning.ts';
import { cachedAttentionMeaning } from './operators/attention/cached-attention.meaning.ts';
import { fusedAttentionMeaning } from './operators/attention/fused-attention.meaning.ts';
import { packedAttentionMeaning } from './operators/attention/packed-attention.meaning.ts';
import { rotaryEmbeddingMeaning } from './operators/attention/rotary-embedding.meaning.ts';
import { splitHeadsMeaning } from './operators/attention/split-heads.meaning.ts';
import { appendCacheMeaning } from './operators/cache/append-cache.meaning.ts';
import { cacheRowsMeaning } from './operators/cache/cache-rows.meaning.ts';
import { cacheStoreMeaning } from './operators/cache/cache-store.meaning.ts';
import { pagedRowsMeaning } from './operators/cache/paged-rows.meaning.ts';
import { quantizeRowsMeaning } from './operators/cache/quantize-rows.meaning.ts';
import { quantizedRowsMeaning } from './operators/cache/quantized-rows.meaning.ts';
import { tensorScatterMeaning } from './operators/cache/tensor-scatter.meaning.ts';
import { attentionFreeMeaning } from './operators/mixers/attention-free.meaning.ts';
import { autoCorrelationMeaning } from './operators/mixers/auto-correlation.meaning.ts';
import { causalConvWithStateMeaning } from './operators/mixers/causal-conv-with-state.meaning.ts';
import { delayedSumMeaning } from './operators/mixers/delayed-sum.meaning.ts';
import { featureMapMeaning } from './operators/mixers/feature-map.meaning.ts';
import { gatedScanMeaning } from './operators/mixers/gated-scan.meaning.ts';
import { generalizedDeltaMeaning } from './operators/mixers/generalized-delta.meaning.ts';
import { kernelAttentionMeaning } from './operators/mixers/kernel-attention.meaning.ts';
import { linearAttentionMeaning } from './operators/mixers/linear-attention.meaning.ts';
import { linearStateSpaceMeaning } from './operators/mixers/linear-state-space.meaning.ts';
import { longConvolutionMeaning } from './operators/mixers/long-convolution.meaning.ts';
import { longConvolution2dMeaning } from './operators/mixers/long-convolution2d.meaning.ts';
import { matrixLstmMeaning } from './operators/mixers/matrix-lstm.meaning.ts';
import { matrixMemoryMeaning } from './operators/mixers/matrix-memory.meaning.ts';
import { peakScanMeaning } from './operators/mixers/peak-scan.meaning.ts';
import { gridMemoryMeaning } from './operators/mixers/grid-memory.meaning.ts';
import { gruMeaning } from './operators/mixers/gru.meaning.ts';
import { gruRecurrenceMeaning } from './operators/mixers/gru-recurrence.meaning.ts';
import { lstmMeaning } from './operators/mixers/lstm.meaning.ts';
import { lstmRecurrenceMeaning } from './operators/mixers/lstm-recurrence.meaning.ts';
import { rnnMeaning } from './operators/mixers/rnn.meaning.ts';
import { rnnRecurrenceMeaning } from './operators/mixers/rnn-recurrence.meaning.ts';
import { selectiveScanMeaning } from './operators/mixers/selective-scan.meaning.ts';
import { shortConvolutionMeaning } from './operators/mixers/short-convolution.meaning.ts';
import { stateSpaceDualMeaning } from './operators/mixers/state-space-dual.meaning.ts';
import { toeplitzAttentionMeaning } from './operators/mixers/toeplitz-attention.meaning.ts';
import { toeplitzTransformMeaning } from './operators/mixers/toeplitz-transform.meaning.ts';
import { groupRmsNormalizationMeaning } from './operators/normalization/group-rms-normalization.meaning.ts';
import { layerNormalizationMeaning } from './operators/normalization/layer-normalization.meaning.ts';
import { logSoftmaxMeaning } from './operators/normalization/log-softmax.meaning.ts';
import { rmsNormalizationMeaning } from './operators/normalization/rms-normalization.meaning.ts';
import { softmaxMeaning } from './operators/normalization/softmax.meaning.ts';
import { columnMaximaMeaning } from './operators/products/column-maxima.meaning.ts';
import { dequantizeLinearMeaning } from './operators/products/dequantize-linear.meaning.ts';
import { gemmMeaning } from './operators/products/gemm.meaning.ts';
import { gramMeaning } from './operators/products/gram.meaning.ts';
import { matMulIntegerMeaning } from './operators/products/mat-mul-integer.meaning.ts';
import { matMulMeaning } from './operators/products/mat-mul.meaning.ts';
import { cumProdMeaning } from './operators/reductions/cum-prod.meaning.ts';
import { cumSumMeaning } from './operators/reductions/cum-sum.meaning.ts';
import { reduceAxesMeaning } from './operators/reductions/reduce-axes.meaning.ts';
import { reduceL1Meaning } from './operators/reductions/reduce-l1.meaning.ts';
import { reduceL2Meaning } from './operators/reductions/reduce-l2.meaning.ts';
import { reduceLogSumExpMeaning } from './operators/reductions/reduce-log-sum-exp.meaning.ts';
import { reduceLogSumMeaning } from './operators/reductions/reduce-log-sum.meaning.ts';
import { reduceMaxMeaning } from './operators/reductions/reduce-max.meaning.ts';
import { reduceMeanMeaning } from './operators/reductions/reduce-mean.meaning.ts';
import { reduceMinMeaning } from './operators/reductions/reduce-min.meaning.ts';
import { reduceProdMeaning } from './operators/reductions/reduce-prod.meaning.ts';
import { reduceSumSquareMeaning } from './operators/reductions/reduce-sum-square.meaning.ts';
import { reduceSumMeaning } from './operators/reductions/reduce-sum.meaning.ts';
import { shiftedExpMeaning } from './operators/reductions/shifted-exp.meaning.ts';
import { pagedPlacesMeaning } from './operators/sequences/paged-places.meaning.ts';
import { ringPlacesMeaning } from './operators/sequences/ring-places.meaning.ts';
import { sequencePlacesMeaning } from './operators/sequences/sequence-places.meaning.ts';
import { dctMeaning } from './operators/spectral/dct.meaning.ts';
import { dwtMeaning } from './operators/spectral/dwt.meaning.ts';
import { fourierTransformMeaning } from './operators/spectral/fourier-transform.meaning.ts';
import { idwtMeaning } from './operators/spectral/idwt.meaning.ts';
import { spectralFilterMeaning } from './operators/spectral/spectral-filter.meaning.ts';
import { hadamardTransformMeaning } from './operators/spectral/hadamard-transform.meaning.ts';
import { dftMeaning } from './operators/spectral/dft.meaning.ts';
import { stftMeaning } from './operators/spectral/stft.meaning.ts';
import { concatMeaning } from './operators/shape/concat.meaning.ts';
import { copyMeaning } from './operators/shape/copy.meaning.ts';
import { depthToSpaceMeaning } from './operators/shape/depth-to-space.meaning.ts';
import { dropoutMeaning } from './operators/shape/dropout.meaning.ts';
import { expandMeaning } from './operators/shape/expand.meaning.ts';
import { flattenMeaning } from './operators/shape/flatten.meaning.ts';
import { gatherMeaning } from './operators/shape/gather.meaning.ts';
import { identityMeaning } from './operators/shape/identity.meaning.ts';
import { reshapeMeaning } from './operators/shape/reshape.meaning.ts';
import { shapeMeaning } from './operators/shape/shape.meaning.ts';
import { sizeMeaning } from './operators/shape/size.meaning.ts';
import { sliceMeaning } from './operators/shape/slice.meaning.ts';
import { spaceToDepthMeaning } from './operators/shape/space-to-depth.meaning.ts';
import { splitMeaning } from './operators/shape/split.meaning.ts';
import { squeezeMeaning } from './operators/shape/squeeze.meaning.ts';
import { tileMeaning } from './operators/shape/tile.meaning.ts';
import { transposeMeaning } from './operators/shape/transpose.meaning.ts';
import { unsqueezeMeaning } from './operators/shape/unsqueeze.meaning.ts';
import { argMaxMeaning } from './operators/tokens/arg-max.meaning.ts';
import { argMinMeaning } from './operators/tokens/arg-min.meaning.ts';
import { crossEntropyMeaning } from './operators/tokens/cross-entropy.meaning.ts';
import { sampleMeaning } from './operators/tokens/sample.meaning.ts';
import { topKMeaning } from './operators/tokens/top-k.meaning.ts';

export type { MeaningContext, OperatorMeaning } from './operators/meaning.ts';

/** What each operator means. */
export const meanings: readonly OperatorMeaning[] = [
  ...elementsMeanings,
  ...pointwiseMeanings,
  appendCacheMeaning,
  appendTokensMeaning,
  argMaxMeaning,
  argMinMeaning,
  attentionFreeMeaning,
  attentionMeaning,
  attentionScoresMeaning,
  autoCorrelationMeaning,
  cachedAttentionMeaning,
  cacheRowsMeaning,
  cacheStoreMeaning,
  causalConvWithStateMeaning,
  columnMaximaMeaning,
  concatMeaning,
  copyMeaning,
  crossEntropyMeaning,
  cumProdMeaning,
  cumSumMeaning,
  dctMeaning,
  delayedSumMeaning,
  depthToSpaceMeaning,
  dequantizeLinearMeaning,
  dftMeaning,
  dropoutMeaning,
  dwtMeaning,
  expandMeaning,
  featureMapMeaning,
  flattenMeaning,
  fourierTransformMeaning,
  fusedAttentionMeaning,
  gatedScanMeaning,
  gatherMeaning,
  gemmMeaning,
  generalizedDeltaMeaning,
  gramMeaning,
  gridMemoryMeaning,
  groupRmsNormalizationMeaning,
  gruMeaning,
  gruRecurrenceMeaning,
  hadamardTransformMeaning,
  identityMeaning,
  idwtMeaning,
  kernelAttentionMeaning,
  layerNormalizationMeaning,
  linearAttentionMeaning,
  linearStateSpaceMeaning,
  logSoftmaxMeaning,
  longConvolution2dMeaning,
  longConvolutionMeaning,
  lstmMeaning,
  lstmRecurrenceMeaning,
  matMulIntegerMeaning,
  matMulMeaning,
  matrixLstmMeaning,
  matrixMemoryMeaning,
  packedAttentionMeaning,
  pagedPlacesMeaning,
  pagedRowsMeaning,
  peakScanMeaning,
  quantizedRowsMeaning,
  quantizeRowsMeaning,
  reduceAxesMeaning,
  reduceL1Meaning,
  reduceL2Meaning,
  reduceLogSumExpMeaning,
  reduceLogSumMeaning,
  reduceMaxMeaning,
  reduceMeanMeaning,
  reduceMinMeaning,
  reduceProdMeaning,
  reduceSumMeaning,
  reduceSumSquareMeaning,
  reshapeMeaning,
  ringPlacesMeaning,
  rmsNormalizationMeaning,
  rnnMeaning,
  rnnRecurrenceMeaning,
  rotaryEmbeddingMeaning,
  sampleMeaning,
  selectiveScanMeaning,
  sequencePlacesMeaning,
  shapeMeaning,
  shiftedExpMeaning,
  sizeMeaning,
  sliceMeaning,
  softmaxMeaning,
  spaceToDepthMeaning,
  spectralFilterMeaning,
  splitHeadsMeaning,
  splitMeaning,
  squeezeMeaning,
  shortConvolutionMeaning,
  stateSpaceDualMeaning,
  stftMeaning,
  tensorScatterMeaning,
  tileMeaning,
  toeplitzAttentionMeaning,
  toeplitzTransformMeaning,
  topKMeaning,
  transposeMeaning,
  unsqueezeMeaning,
];

/** Every operator: what saving, importing and conformance look names up in. */
export const operators: readonly Operator[] = meanings.map(({ operator }) => operator);
