export { parseGenerationConfig, type GenerationConfig } from './hugging-face/generation-config.ts';
export { parseLlamaConfig, type LlamaConfig } from './hugging-face/llama-config.ts';
export { chosenFiles, memoryFiles, urlFiles, type ModelFiles } from './hugging-face/model-files.ts';
export { openModelFolder, type ModelFolder, type TokenizerFiles } from './hugging-face/model-folder.ts';
export type { RopeScaling } from './hugging-face/rope.ts';
export { parseJson, type Json, type JsonLimits, type JsonObject } from './json/parse-json.ts';
export {
  openSafetensors,
  readState,
  type Safetensors,
  type SafetensorsInput,
  type StoredTensor,
} from './safetensors/open.ts';
export { openWeights, shardedSafetensorsParts } from './safetensors/sharded.ts';
export { safetensorsParts, writeSafetensors } from './safetensors/write.ts';
export { blobSource, bytesSource, type ByteSource } from './source/source.ts';
export { urlSource, type UrlOptions } from './source/url.ts';
