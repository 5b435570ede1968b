// Layouts of other tools, to write compressed models that they open. Who writes such a model hands over those that will do.
import { bitsandbytes } from './bitsandbytes.ts';
import { compressedTensors } from './compressed-tensors.ts';
import { gptq } from './gptq.ts';
import { hqq } from './hqq.ts';
import type { Layout } from './layout.ts';

export { type CompressedLayers, type LaidOut, type Layout, layOut } from './layout.ts';
export { bitsandbytes, compressedTensors, gptq, hqq };

/** All of them, those that most tools open first. */
export const layouts: readonly Layout[] = [compressedTensors, gptq, bitsandbytes, hqq];
