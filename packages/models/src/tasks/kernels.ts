import type { Kernel } from '@tilewright/kernels';
import { argmax } from '@tilewright/kernels/argmax';
import { cacheWrite } from '@tilewright/kernels/cache-write';
import { crossEntropy } from '@tilewright/kernels/cross-entropy';
import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { elementwise } from '@tilewright/kernels/elementwise';
import { embedding } from '@tilewright/kernels/embedding';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { gateUp } from '@tilewright/kernels/gate-up';
import { gemv } from '@tilewright/kernels/gemv';
import { gram } from '@tilewright/kernels/gram';
import { matmul } from '@tilewright/kernels/matmul';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { rope } from '@tilewright/kernels/rope';
import { sample } from '@tilewright/kernels/sample';

/** What a language model of softmax attention runs when it reads and writes; nothing else ends up in a page. */
export const languageModelKernels: readonly Kernel[] = [
  cacheWrite,
  decodeAttention,
  elementwise,
  embedding,
  flashAttention,
  gateUp,
  gemv,
  matmul,
  rmsNorm,
  rope,
  sample,
];

/** What scoring every position needs besides: the `scoring` of `loadLanguageModel`. */
export const scoringKernels: readonly Kernel[] = [argmax, crossEntropy];

/** What gathering statistics needs besides. */
export const calibrationKernels: readonly Kernel[] = [gram];
