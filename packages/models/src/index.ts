export type {
  Architecture,
  Axis,
  BuildOptions,
  BuiltModel,
  DeferredArchitecture,
  PublishedWeight,
  ReadConfig,
  ReadParts,
  Step,
  StoredNames,
  StoredWeight,
} from './architectures/architecture.ts';
export type { Claim } from './architectures/claims.ts';
export { badModel, type ConfigFields } from './architectures/config-fields.ts';
export {
  asStored,
  claimOf,
  configFields,
  deferArchitecture,
  defineArchitecture,
  namesBehind,
  scoring,
  unreadWarnings,
  wantedBy,
} from './checked.ts';
export { bert } from './architectures/bert/index.ts';
export { gatedDeltaNetClaim } from './architectures/gated-deltanet/claim.ts';
export { gatedDeltaNet } from './architectures/gated-deltanet/index.ts';
export { llamaClaim } from './architectures/llama/claim.ts';
export { llama } from './architectures/llama/index.ts';
export { mambaClaim } from './architectures/mamba/claim.ts';
export { mamba } from './architectures/mamba/index.ts';
export { mamba2Claim } from './architectures/mamba2/claim.ts';
export { mamba2 } from './architectures/mamba2/index.ts';
export { mistralClaim } from './architectures/mistral/claim.ts';
export { mistral } from './architectures/mistral/index.ts';
export { qwen2Claim } from './architectures/qwen2/claim.ts';
export { qwen2 } from './architectures/qwen2/index.ts';
export { qwen3Claim } from './architectures/qwen3/claim.ts';
export { qwen3 } from './architectures/qwen3/index.ts';
export { qwen3NextClaim } from './architectures/qwen3-next/claim.ts';
export { qwen3Next } from './architectures/qwen3-next/index.ts';
export { dynamicScaling } from './architectures/rope-scalings/dynamic.ts';
export type { RopeScaling, RopeScalingType } from './architectures/rope-scalings/rope-scaling.ts';
export { yarnScaling } from './architectures/rope-scalings/yarn.ts';
export { publishedNames } from './architectures/stored-names.ts';
export { chooseForModel, compressModel } from './calibrate/compress.ts';
export type { ChooseOptions, CompressOptions } from './calibrate/compress.ts';
export { dropHeads, type DropHeadsConfig } from './edits/drop-heads.ts';
export { dropLayers, type DropLayersConfig } from './edits/drop-layers.ts';
export { dropNeurons, type DropNeuronsConfig } from './edits/drop-neurons.ts';
export { type EditContext, type Edited, editModel, type EditOptions, type ModelEdit } from './edits/edit.ts';
export { untie } from './edits/untie.ts';
export {
  type Candidate,
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationRow,
  type PairRow,
  type TextWindow,
} from './evaluate/evaluate.ts';
export type { Estimate } from './evaluate/estimate.ts';
export type { ModelGraph } from './model-graph.ts';
export { openModel } from './open-model.ts';
export type { OpenedModel, OpenModelOptions } from './open-model.ts';
export { divergence, divergenceFrom } from './tasks/divergence.ts';
export type { Comparison, Divergence } from './tasks/divergence.ts';
export { generateTokens, readPrompt, sequenceFrom } from './tasks/generate.ts';
export type { GenerateOptions } from './tasks/generate-options.ts';
export { embed, encode } from './tasks/embed.ts';
export type { EmbedInput, EmbedOptions, EmbedTokens, Encoded } from './tasks/embed.ts';
export { compileEncoder, loadEmbeddingModel } from './tasks/embedding-model.ts';
export type {
  CompiledEncoder,
  EmbeddingModel,
  LoadEmbeddingOptions,
  PreparedEncoder,
} from './tasks/embedding-model.ts';
export type { EmbeddingTasks } from './tasks/embedding-tasks.ts';
export type { Pooling, PoolingKind } from './tasks/pooling.ts';
export { findNonFinite, type NonFinite } from './tasks/find-non-finite.ts';
export { type GenerationDefaults, withDefaults } from './tasks/generation-config.ts';
export { compileModel, loadLanguageModel } from './tasks/language-model.ts';
export type {
  CompiledModel,
  CompiledStep,
  LanguageGraph,
  LanguageModel,
  LoadOptions,
  PreparedModel,
} from './tasks/language-model.ts';
export type { LanguageTasks } from './tasks/language-tasks.ts';
export type { ModelText } from './tasks/model-text.ts';
export type { Scoring } from './tasks/scoring.ts';
export { checkTokens } from './tasks/requests.ts';
export { score } from './tasks/score.ts';
export type { ScoreOptions, Scores } from './tasks/score.ts';
export { meanLoss, scoreEach, windowsOf } from './tasks/windows.ts';
export type { ScoredWindow } from './tasks/windows.ts';
export { type TextFork, textStates, type TextStates } from './tasks/text-states.ts';
export { type TextStream, textStream } from './tasks/text-stream.ts';
export { openTokenizer } from './tasks/tokenizer.ts';
export type { TextTokenizer } from './tasks/tokenizer.ts';
export { writeText } from './tasks/write-text.ts';
