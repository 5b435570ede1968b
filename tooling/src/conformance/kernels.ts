import type { Kernel } from '@tilewright/kernels';
import { attentionWeights } from '@tilewright/kernels/attention-weights';
import { batchedMatmul } from '@tilewright/kernels/batched-matmul';
import { cacheWrite } from '@tilewright/kernels/cache-write';
import { concat } from '@tilewright/kernels/concat';
import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { dequantizeLinear } from '@tilewright/kernels/dequantize-linear';
import { elementwise } from '@tilewright/kernels/elementwise';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { layerNorm } from '@tilewright/kernels/layer-norm';
import { matmulInteger } from '@tilewright/kernels/matmul-integer';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { rope } from '@tilewright/kernels/rope';
import { softmax } from '@tilewright/kernels/softmax';

/** Every kernel that ONNX operators are lowered to. */
export const kernels: readonly Kernel[] = [
  attentionWeights,
  batchedMatmul,
  cacheWrite,
  concat,
  decodeAttention,
  dequantizeLinear,
  elementwise,
  flashAttention,
  layerNorm,
  matmulInteger,
  rmsNorm,
  rope,
  softmax,
];
