// Every kernel with its check: for tests, benches and the command line. Nothing that ships to a page imports this.
import type { KernelCheck } from './core/check.ts';
import { check as argmax } from './kernels/argmax/check.ts';
import { check as attentionMerge } from './kernels/attention-merge/check.ts';
import { check as attentionWeights } from './kernels/attention-weights/check.ts';
import { check as batchedMatmul } from './kernels/batched-matmul/check.ts';
import { check as cacheCompact } from './kernels/cache-compact/check.ts';
import { check as cacheQuantize } from './kernels/cache-quantize/check.ts';
import { check as cacheWrite } from './kernels/cache-write/check.ts';
import { check as clippedSoftmaxAttention } from './kernels/clipped-softmax-attention/check.ts';
import { check as concat } from './kernels/concat/check.ts';
import { check as conv1d } from './kernels/conv1d/check.ts';
import { check as copyPages } from './kernels/copy-pages/check.ts';
import { check as crossEntropy } from './kernels/cross-entropy/check.ts';
import { check as decodeAttention } from './kernels/decode-attention/check.ts';
import { check as deformableAttention } from './kernels/deformable-attention/check.ts';
import { check as dequantizeLinear } from './kernels/dequantize-linear/check.ts';
import { check as elementwise } from './kernels/elementwise/check.ts';
import { check as embedding } from './kernels/embedding/check.ts';
import { check as flashAttention } from './kernels/flash-attention/check.ts';
import { check as gatherAttention } from './kernels/gather-attention/check.ts';
import { check as gateUp } from './kernels/gate-up/check.ts';
import { check as gemv } from './kernels/gemv/check.ts';
import { check as gram } from './kernels/gram/check.ts';
import { check as hardAttention } from './kernels/hard-attention/check.ts';
import { check as layerNorm } from './kernels/layer-norm/check.ts';
import { check as listBlocks } from './kernels/list-blocks/check.ts';
import { check as matmul } from './kernels/matmul/check.ts';
import { check as matmulInt8 } from './kernels/matmul-int8/check.ts';
import { check as matmulInteger } from './kernels/matmul-integer/check.ts';
import { check as pool } from './kernels/pool/check.ts';
import { check as prefixAttention } from './kernels/prefix-attention/check.ts';
import { check as querySparsity } from './kernels/query-sparsity/check.ts';
import { check as reduce } from './kernels/reduce/check.ts';
import { check as rmsNorm } from './kernels/rms-norm/check.ts';
import { check as roll } from './kernels/roll/check.ts';
import { check as rope } from './kernels/rope/check.ts';
import { check as rotaryEmbedding } from './kernels/rotary-embedding/check.ts';
import { check as sample } from './kernels/sample/check.ts';
import { check as sampleGrid } from './kernels/sample-grid/check.ts';
import { check as segmentSum } from './kernels/segment-sum/check.ts';
import { check as shortAttention } from './kernels/short-attention/check.ts';
import { check as softmax } from './kernels/softmax/check.ts';
import { check as softmaxAxis } from './kernels/softmax-axis/check.ts';
import { check as stickBreakingAttention } from './kernels/stick-breaking-attention/check.ts';
import { check as tensorScatter } from './kernels/tensor-scatter/check.ts';
import { check as topK } from './kernels/top-k/check.ts';
import { check as topKeys } from './kernels/top-keys/check.ts';
import { check as valueMeans } from './kernels/value-means/check.ts';

export const registry: readonly KernelCheck[] = [
  argmax,
  attentionMerge,
  attentionWeights,
  batchedMatmul,
  cacheCompact,
  cacheQuantize,
  cacheWrite,
  clippedSoftmaxAttention,
  concat,
  conv1d,
  copyPages,
  crossEntropy,
  decodeAttention,
  deformableAttention,
  dequantizeLinear,
  elementwise,
  embedding,
  flashAttention,
  gatherAttention,
  gateUp,
  gemv,
  gram,
  hardAttention,
  layerNorm,
  listBlocks,
  matmul,
  matmulInt8,
  matmulInteger,
  pool,
  prefixAttention,
  querySparsity,
  reduce,
  rmsNorm,
  roll,
  rope,
  rotaryEmbedding,
  sample,
  sampleGrid,
  segmentSum,
  shortAttention,
  softmax,
  softmaxAxis,
  stickBreakingAttention,
  tensorScatter,
  topK,
  topKeys,
  valueMeans,
];
