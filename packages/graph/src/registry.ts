// Every operator with its meaning: one line each. For tests, bench, cli and docs; what ships imports the operators it uses.
import type { Operator } from './ir.ts';
import type { OperatorMeaning } from './operators/meaning.ts';
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
import { acosMeaning } from './operators/elements/acos.meaning.ts';
import { acoshMeaning } from './operators/elements/acosh.meaning.ts';
import { andMeaning } from './operators/elements/and.meaning.ts';
import { asinMeaning } from './operators/elements/asin.meaning.ts';
import { asinhMeaning } from './operators/elements/asinh.meaning.ts';
import { atanMeaning } from './operators/elements/atan.meaning.ts';
import { atanhMeaning } from './operators/elements/atanh.meaning.ts';
import { bitShiftMeaning } from './operators/elements/bit-shift.meaning.ts';
import { bitwiseAndMeaning } from './operators/elements/bitwise-and.meaning.ts';
import { bitwiseNotMeaning } from './operators/elements/bitwise-not.meaning.ts';
import { bitwiseOrMeaning } from './operators/elements/bitwise-or.meaning.ts';
import { bitwiseXorMeaning } from './operators/elements/bitwise-xor.meaning.ts';
import { castMeaning } from './operators/elements/cast.meaning.ts';
import { constantOfShapeMeaning } from './operators/elements/constant-of-shape.meaning.ts';
import { cosMeaning } from './operators/elements/cos.meaning.ts';
import { coshMeaning } from './operators/elements/cosh.meaning.ts';
import { equalMeaning } from './operators/elements/equal.meaning.ts';
import { eyeLikeMeaning } from './operators/elements/eye-like.meaning.ts';
import { gatherElementsMeaning } from './operators/elements/gather-elements.meaning.ts';
import { greaterOrEqualMeaning } from './operators/elements/greater-or-equal.meaning.ts';
import { greaterMeaning } from './operators/elements/greater.meaning.ts';
import { isInfMeaning } from './operators/elements/is-inf.meaning.ts';
import { isNaNMeaning } from './operators/elements/is-nan.meaning.ts';
import { lessOrEqualMeaning } from './operators/elements/less-or-equal.meaning.ts';
import { lessMeaning } from './operators/elements/less.meaning.ts';
import { modMeaning } from './operators/elements/mod.meaning.ts';
import { notMeaning } from './operators/elements/not.meaning.ts';
import { oneHotMeaning } from './operators/elements/one-hot.meaning.ts';
import { orMeaning } from './operators/elements/or.meaning.ts';
import { padMeaning } from './operators/elements/pad.meaning.ts';
import { rangeMeaning } from './operators/elements/range.meaning.ts';
import { roundMeaning } from './operators/elements/round.meaning.ts';
import { sinMeaning } from './operators/elements/sin.meaning.ts';
import { sinhMeaning } from './operators/elements/sinh.meaning.ts';
import { tanMeaning } from './operators/elements/tan.meaning.ts';
import { triluMeaning } from './operators/elements/trilu.meaning.ts';
import { whereMeaning } from './operators/elements/where.meaning.ts';
import { xorMeaning } from './operators/elements/xor.meaning.ts';
import { attentionFreeMeaning } from './operators/mixers/attention-free.meaning.ts';
import { causalConvWithStateMeaning } from './operators/mixers/causal-conv-with-state.meaning.ts';
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
import { selectiveScanMeaning } from './operators/mixers/selective-scan.meaning.ts';
import { shortConvolutionMeaning } from './operators/mixers/short-convolution.meaning.ts';
import { stateSpaceDualMeaning } from './operators/mixers/state-space-dual.meaning.ts';
import { toeplitzAttentionMeaning } from './operators/mixers/toeplitz-attention.meaning.ts';
import { groupRmsNormalizationMeaning } from './operators/normalization/group-rms-normalization.meaning.ts';
import { layerNormalizationMeaning } from './operators/normalization/layer-normalization.meaning.ts';
import { logSoftmaxMeaning } from './operators/normalization/log-softmax.meaning.ts';
import { rmsNormalizationMeaning } from './operators/normalization/rms-normalization.meaning.ts';
import { softmaxMeaning } from './operators/normalization/softmax.meaning.ts';
import { absMeaning } from './operators/pointwise/abs.meaning.ts';
import { addMeaning } from './operators/pointwise/add.meaning.ts';
import { ceilMeaning } from './operators/pointwise/ceil.meaning.ts';
import { celuMeaning } from './operators/pointwise/celu.meaning.ts';
import { clipMeaning } from './operators/pointwise/clip.meaning.ts';
import { divMeaning } from './operators/pointwise/div.meaning.ts';
import { eluMeaning } from './operators/pointwise/elu.meaning.ts';
import { erfMeaning } from './operators/pointwise/erf.meaning.ts';
import { expMeaning } from './operators/pointwise/exp.meaning.ts';
import { floorMeaning } from './operators/pointwise/floor.meaning.ts';
import { geluMeaning } from './operators/pointwise/gelu.meaning.ts';
import { hardSigmoidMeaning } from './operators/pointwise/hard-sigmoid.meaning.ts';
import { hardSwishMeaning } from './operators/pointwise/hard-swish.meaning.ts';
import { leakyReluMeaning } from './operators/pointwise/leaky-relu.meaning.ts';
import { logMeaning } from './operators/pointwise/log.meaning.ts';
import { maxMeaning } from './operators/pointwise/max.meaning.ts';
import { meanMeaning } from './operators/pointwise/mean.meaning.ts';
import { minMeaning } from './operators/pointwise/min.meaning.ts';
import { mishMeaning } from './operators/pointwise/mish.meaning.ts';
import { mulMeaning } from './operators/pointwise/mul.meaning.ts';
import { multipleMeaning } from './operators/pointwise/multiple.meaning.ts';
import { negMeaning } from './operators/pointwise/neg.meaning.ts';
import { pReluMeaning } from './operators/pointwise/p-relu.meaning.ts';
import { powMeaning } from './operators/pointwise/pow.meaning.ts';
import { reciprocalMeaning } from './operators/pointwise/reciprocal.meaning.ts';
import { reluMeaning } from './operators/pointwise/relu.meaning.ts';
import { seluMeaning } from './operators/pointwise/selu.meaning.ts';
import { shrinkMeaning } from './operators/pointwise/shrink.meaning.ts';
import { sigmoidMeaning } from './operators/pointwise/sigmoid.meaning.ts';
import { signMeaning } from './operators/pointwise/sign.meaning.ts';
import { softplusMeaning } from './operators/pointwise/softplus.meaning.ts';
import { softsignMeaning } from './operators/pointwise/softsign.meaning.ts';
import { sqrtMeaning } from './operators/pointwise/sqrt.meaning.ts';
import { subMeaning } from './operators/pointwise/sub.meaning.ts';
import { sumMeaning } from './operators/pointwise/sum.meaning.ts';
import { swiGluMeaning } from './operators/pointwise/swi-glu.meaning.ts';
import { swishMeaning } from './operators/pointwise/swish.meaning.ts';
import { tanhMeaning } from './operators/pointwise/tanh.meaning.ts';
import { thresholdedReluMeaning } from './operators/pointwise/thresholded-relu.meaning.ts';
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
  absMeaning,
  acoshMeaning,
  acosMeaning,
  addMeaning,
  andMeaning,
  appendCacheMeaning,
  appendTokensMeaning,
  argMaxMeaning,
  argMinMeaning,
  asinhMeaning,
  asinMeaning,
  atanhMeaning,
  atanMeaning,
  attentionFreeMeaning,
  attentionMeaning,
  attentionScoresMeaning,
  bitShiftMeaning,
  bitwiseAndMeaning,
  bitwiseNotMeaning,
  bitwiseOrMeaning,
  bitwiseXorMeaning,
  cachedAttentionMeaning,
  cacheRowsMeaning,
  cacheStoreMeaning,
  castMeaning,
  causalConvWithStateMeaning,
  ceilMeaning,
  celuMeaning,
  clipMeaning,
  columnMaximaMeaning,
  concatMeaning,
  constantOfShapeMeaning,
  copyMeaning,
  coshMeaning,
  cosMeaning,
  crossEntropyMeaning,
  cumProdMeaning,
  cumSumMeaning,
  depthToSpaceMeaning,
  dequantizeLinearMeaning,
  dftMeaning,
  divMeaning,
  dropoutMeaning,
  eluMeaning,
  equalMeaning,
  erfMeaning,
  expandMeaning,
  expMeaning,
  eyeLikeMeaning,
  featureMapMeaning,
  flattenMeaning,
  floorMeaning,
  fusedAttentionMeaning,
  gatedScanMeaning,
  gatherElementsMeaning,
  gatherMeaning,
  geluMeaning,
  gemmMeaning,
  generalizedDeltaMeaning,
  gramMeaning,
  greaterMeaning,
  greaterOrEqualMeaning,
  groupRmsNormalizationMeaning,
  hadamardTransformMeaning,
  hardSigmoidMeaning,
  hardSwishMeaning,
  identityMeaning,
  isInfMeaning,
  isNaNMeaning,
  kernelAttentionMeaning,
  layerNormalizationMeaning,
  leakyReluMeaning,
  lessMeaning,
  lessOrEqualMeaning,
  linearAttentionMeaning,
  linearStateSpaceMeaning,
  logMeaning,
  logSoftmaxMeaning,
  longConvolution2dMeaning,
  longConvolutionMeaning,
  matMulIntegerMeaning,
  matMulMeaning,
  matrixLstmMeaning,
  matrixMemoryMeaning,
  maxMeaning,
  meanMeaning,
  minMeaning,
  mishMeaning,
  modMeaning,
  mulMeaning,
  multipleMeaning,
  negMeaning,
  notMeaning,
  oneHotMeaning,
  orMeaning,
  packedAttentionMeaning,
  padMeaning,
  pagedPlacesMeaning,
  pagedRowsMeaning,
  peakScanMeaning,
  powMeaning,
  pReluMeaning,
  quantizedRowsMeaning,
  quantizeRowsMeaning,
  rangeMeaning,
  reciprocalMeaning,
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
  reluMeaning,
  reshapeMeaning,
  ringPlacesMeaning,
  rmsNormalizationMeaning,
  rotaryEmbeddingMeaning,
  roundMeaning,
  sampleMeaning,
  selectiveScanMeaning,
  seluMeaning,
  sequencePlacesMeaning,
  shapeMeaning,
  shiftedExpMeaning,
  shrinkMeaning,
  sigmoidMeaning,
  signMeaning,
  sinhMeaning,
  sinMeaning,
  sizeMeaning,
  sliceMeaning,
  softmaxMeaning,
  softplusMeaning,
  softsignMeaning,
  spaceToDepthMeaning,
  splitHeadsMeaning,
  splitMeaning,
  sqrtMeaning,
  squeezeMeaning,
  shortConvolutionMeaning,
  stateSpaceDualMeaning,
  stftMeaning,
  subMeaning,
  sumMeaning,
  swiGluMeaning,
  swishMeaning,
  tanhMeaning,
  tanMeaning,
  tensorScatterMeaning,
  thresholdedReluMeaning,
  tileMeaning,
  toeplitzAttentionMeaning,
  topKMeaning,
  transposeMeaning,
  triluMeaning,
  unsqueezeMeaning,
  whereMeaning,
  xorMeaning,
];

/** Every operator: what saving, importing and conformance look names up in. */
export const operators: readonly Operator[] = meanings.map(({ operator }) => operator);
