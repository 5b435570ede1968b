export { shown } from './bad-file.ts';
export { chosenFiles, memoryFiles, urlFiles, type ModelFiles } from './hugging-face/model-files.ts';
export { openModelFolder, type ModelSource, type TokenizerFiles } from './hugging-face/model-source.ts';
export { parseJson } from './checked.ts';
export { isJsonObject, type Json, type JsonLimits, type JsonObject } from './json/parse-json.ts';
export {
  openKinds,
  openSafetensors,
  readState,
  type OpenOptions,
  type Safetensors,
  type SafetensorsInput,
  type StoredTensor,
} from './safetensors/open.ts';
export { openWeights, shardedSafetensorsParts } from './safetensors/sharded.ts';
export { safetensorsParts, writeSafetensors } from './safetensors/write.ts';
export { blobSource, bytesSource } from './source/given-bytes.ts';
export type { ByteSource } from './source/source.ts';
export { urlSource, type UrlOptions } from './source/url.ts';
