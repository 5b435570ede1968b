// Models that other tools compressed. Who opens one such model imports its reader; `allCheckpoints` is all of them.
import type { ModelSource } from '../hugging-face/model-source.ts';
import { awq } from './awq.ts';
import { bitsandbytes } from './bitsandbytes.ts';
import { checkpoints, type ReadCheckpoint } from './checkpoint.ts';
import { compressedTensors } from './compressed-tensors.ts';
import { fp8 } from './fp8.ts';
import { gptq } from './gptq.ts';
import { hqq } from './hqq.ts';
import { modelopt } from './modelopt.ts';
import { mxfp4 } from './mxfp4.ts';

export { checkpoints, type Checkpoint, type ReadCheckpoint, type StoredTensors } from './checkpoint.ts';
export { awq, bitsandbytes, compressedTensors, fp8, gptq, hqq, modelopt, mxfp4 };

/** `checkpoints` of every reader here, for `openModel`. */
export const allCheckpoints: (source: Pick<ModelSource, 'config' | 'json'>) => Promise<ReadCheckpoint> =
  /* @__PURE__ */ checkpoints([awq, bitsandbytes, compressedTensors, fp8, gptq, hqq, modelopt, mxfp4]);
