// `@tilewright/models/blocks`: what architectures are built of.
export { activate, activations, type Activation } from './activation.ts';
export { attention, type AttentionShape } from './attention.ts';
export { decoderBuilder, type DecoderBuilder } from './decoder-builder.ts';
export { embedding } from './embedding.ts';
export { encoderBuilder, type EncoderBuilder } from './encoder-builder.ts';
export { fullAttention, type FullAttentionShape } from './full-attention.ts';
export { gatedMlp, type GatedMlpShape } from './gated-mlp.ts';
export { headNorm, type HeadNorm } from './head-norm.ts';
export { languageHead } from './language-head.ts';
export { layerNorm } from './layer-norm.ts';
export { linear, type LinearShape } from './linear.ts';
export type { FeedForward, Mixer } from './mixer.ts';
export type { ModelBuilder } from './model-builder.ts';
export { preNormDecoder, type PreNormDecoder } from './pre-norm-decoder.ts';
export { rmsNorm } from './rms-norm.ts';
export { alibiBias, alibiSlopes, documentsMask } from './score-sources.ts';
export { rotaryTable } from './rotary-table.ts';
