export { compressModel } from './calibrate/compress.ts';
export type { CompressOptions } from './calibrate/compress.ts';
export { divergence } from './evaluate/divergence.ts';
export type { Divergence } from './evaluate/divergence.ts';
export { meanLoss, score, windowsOf } from './evaluate/score.ts';
export type { ScoreOptions, Scores } from './evaluate/score.ts';
export { generateTokens, positionsFrom, readPrompt } from './language-model/generate.ts';
export type { GenerateOptions } from './language-model/generate.ts';
export { calibrationKernels, languageModelKernels, scoringKernels } from './language-model/kernels.ts';
export {
  compileModel,
  loadLanguageModel,
  modelGraph,
  outputs,
  prepareModel,
} from './language-model/language-model.ts';
export type { LanguageModel, LoadOptions, ModelGraph } from './language-model/language-model.ts';
export { openModel } from './language-model/open-model.ts';
export type { OpenedModel, OpenModelOptions } from './language-model/open-model.ts';
export { llama } from './llama/llama.ts';
export type { LlamaGraph, LlamaOptions } from './llama/llama.ts';
export { openTokenizer } from './tokenizer.ts';
export type { TextTokenizer } from './tokenizer.ts';
