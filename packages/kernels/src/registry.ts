// Every kernel with its check: for tests, benches and the command line. Nothing that ships to a page imports this.
import type { KernelCheck } from './contract/check.ts';
import { check as argmax } from './rows/argmax/check.ts';
import { check as attentionMerge } from './attention/attention-merge/check.ts';
import { check as attentionWeights } from './attention/attention-weights/check.ts';
import { check as batchedMatmul } from './products/batched-matmul/check.ts';
import { check as blockSparseMatmul } from './products/block-sparse-matmul/check.ts';
import { check as cacheCompact } from './cache/cache-compact/check.ts';
import { check as cacheQuantize } from './cache/cache-quantize/check.ts';
import { check as cacheWrite } from './cache/cache-write/check.ts';
import { check as clippedSoftmaxAttention } from './attention/clipped-softmax-attention/check.ts';
import { check as columnMaxima } from './rows/column-maxima/check.ts';
import { check as compact } from './mixers/compact/check.ts';
import { check as concat } from './memory/concat/check.ts';
import { check as copy } from './memory/copy/check.ts';
import { check as conv1d } from './grid/conv1d/check.ts';
import { check as copyPages } from './cache/copy-pages/check.ts';
import { check as crossEntropy } from './rows/cross-entropy/check.ts';
import { check as decodeAttention } from './attention/decode-attention/check.ts';
import { check as delayedSum } from './mixers/delayed-sum/check.ts';
import { check as deformableAttention } from './grid/deformable-attention/check.ts';
import { check as dequantizeLinear } from './pointwise/dequantize-linear/check.ts';
import { check as dwt } from './spectral/dwt/check.ts';
import { check as idwt } from './spectral/idwt/check.ts';
import { check as elementwise } from './pointwise/elementwise/check.ts';
import { check as embedding } from './rows/embedding/check.ts';
import { check as fft } from './spectral/fft/check.ts';
import { check as flashAttention } from './attention/flash-attention/check.ts';
import { check as gatherAttention } from './attention/gather-attention/check.ts';
import { check as gateUp } from './products/gate-up/check.ts';
import { check as gatedScan } from './mixers/gated-scan/check.ts';
import { check as gemv } from './products/gemv/check.ts';
import { check as hadamard } from './spectral/hadamard/check.ts';
import { check as gram } from './products/gram/check.ts';
import { check as gridMemory } from './mixers/grid-memory/check.ts';
import { check as groupRmsNorm } from './products/group-rms-norm/check.ts';
import { check as hardAttention } from './attention/hard-attention/check.ts';
import { check as selectiveScan } from './mixers/selective-scan/check.ts';
import { check as causalConv } from './mixers/causal-conv/check.ts';
import { check as featureMap } from './mixers/feature-map/check.ts';
import { check as attentionFree } from './mixers/attention-free/check.ts';
import { check as linearStateSpace } from './mixers/linear-state-space/check.ts';
import { check as longConv } from './mixers/long-conv/check.ts';
import { check as toeplitzAttention } from './mixers/toeplitz-attention/check.ts';
import { check as toeplitzTransform } from './spectral/toeplitz-transform/check.ts';
import { check as layerNorm } from './rows/layer-norm/check.ts';
import { check as linearAttention } from './mixers/linear-attention/check.ts';
import { check as listBlocks } from './attention/list-blocks/check.ts';
import { check as mapElements } from './pointwise/map-elements/check.ts';
import { check as matmul } from './products/matmul/check.ts';
import { check as matmulInt8 } from './products/matmul-int8/check.ts';
import { check as matmulInt8Tokens } from './products/matmul-int8-tokens/check.ts';
import { check as matmulInteger } from './products/matmul-integer/check.ts';
import { check as peakScan } from './mixers/peak-scan/check.ts';
import { check as pool } from './grid/pool/check.ts';
import { check as prefixAttention } from './attention/prefix-attention/check.ts';
import { check as prefixSum } from './mixers/prefix-sum/check.ts';
import { check as querySparsity } from './attention/query-sparsity/check.ts';
import { check as recurrentCell } from './mixers/recurrent-cell/check.ts';
import { check as reduce } from './rows/reduce/check.ts';
import { check as rmsNorm } from './rows/rms-norm/check.ts';
import { check as roll } from './grid/roll/check.ts';
import { check as rope } from './position/rope/check.ts';
import { check as sample } from './rows/sample/check.ts';
import { check as sampleGrid } from './grid/sample-grid/check.ts';
import { check as segmentSum } from './grid/segment-sum/check.ts';
import { check as shortAttention } from './attention/short-attention/check.ts';
import { check as softmax } from './rows/softmax/check.ts';
import { check as stickBreakingAttention } from './attention/stick-breaking-attention/check.ts';
import { check as storeRows } from './products/store-rows/check.ts';
import { check as topK } from './rows/top-k/check.ts';
import { check as topKeys } from './attention/top-keys/check.ts';
import { check as valueMeans } from './attention/value-means/check.ts';

export const registry: readonly KernelCheck[] = [
  argmax,
  attentionFree,
  attentionMerge,
  attentionWeights,
  batchedMatmul,
  blockSparseMatmul,
  cacheCompact,
  cacheQuantize,
  cacheWrite,
  causalConv,
  clippedSoftmaxAttention,
  columnMaxima,
  compact,
  concat,
  conv1d,
  copy,
  copyPages,
  crossEntropy,
  decodeAttention,
  deformableAttention,
  delayedSum,
  dequantizeLinear,
  dwt,
  elementwise,
  embedding,
  featureMap,
  fft,
  flashAttention,
  gateUp,
  gatedScan,
  gatherAttention,
  gemv,
  gram,
  gridMemory,
  hadamard,
  groupRmsNorm,
  hardAttention,
  idwt,
  layerNorm,
  linearAttention,
  linearStateSpace,
  listBlocks,
  longConv,
  mapElements,
  matmul,
  matmulInt8,
  matmulInt8Tokens,
  matmulInteger,
  peakScan,
  pool,
  prefixAttention,
  prefixSum,
  querySparsity,
  recurrentCell,
  reduce,
  rmsNorm,
  roll,
  rope,
  sample,
  sampleGrid,
  segmentSum,
  selectiveScan,
  shortAttention,
  softmax,
  stickBreakingAttention,
  storeRows,
  toeplitzAttention,
  toeplitzTransform,
  topK,
  topKeys,
  valueMeans,
];
