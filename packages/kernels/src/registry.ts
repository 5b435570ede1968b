// Every kernel with its check: for tests, benches and the command line. Nothing that ships to a page imports this.
import type { KernelCheck } from './core/check.ts';
import { check as argmax } from './kernels/argmax/check.ts';
import { check as attentionMerge } from './kernels/attention-merge/check.ts';
import { check as crossEntropy } from './kernels/cross-entropy/check.ts';
import { check as decodeAttention } from './kernels/decode-attention/check.ts';
import { check as elementwise } from './kernels/elementwise/check.ts';
import { check as embedding } from './kernels/embedding/check.ts';
import { check as flashAttention } from './kernels/flash-attention/check.ts';
import { check as gateUp } from './kernels/gate-up/check.ts';
import { check as gemv } from './kernels/gemv/check.ts';
import { check as gram } from './kernels/gram/check.ts';
import { check as layerNorm } from './kernels/layer-norm/check.ts';
import { check as matmul } from './kernels/matmul/check.ts';
import { check as matmulInt8 } from './kernels/matmul-int8/check.ts';
import { check as reduce } from './kernels/reduce/check.ts';
import { check as rmsNorm } from './kernels/rms-norm/check.ts';
import { check as rope } from './kernels/rope/check.ts';
import { check as sample } from './kernels/sample/check.ts';
import { check as softmax } from './kernels/softmax/check.ts';
import { check as tensorScatter } from './kernels/tensor-scatter/check.ts';
import { check as topK } from './kernels/top-k/check.ts';

export const registry: readonly KernelCheck[] = [
  argmax,
  attentionMerge,
  crossEntropy,
  decodeAttention,
  elementwise,
  embedding,
  flashAttention,
  gateUp,
  gemv,
  gram,
  layerNorm,
  matmul,
  matmulInt8,
  reduce,
  rmsNorm,
  rope,
  sample,
  softmax,
  tensorScatter,
  topK,
];
