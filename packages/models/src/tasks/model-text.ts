import type { ModelSource } from '@tilewright/formats';
import { type GenerationDefaults, generationDefaults } from './generation-config.ts';
import { openTokenizer, type TextTokenizer } from './tokenizer.ts';

/** What a model's makers say of the text that it reads and writes. */
export interface ModelText extends GenerationDefaults {
  /** Opens the tokenizer, once. Throws `bad-model` where the model has none. */
  tokenizer(): Promise<TextTokenizer>;
}

/** The text side of a source. Throws `bad-model` for token ids that are none. */
export function modelText(source: ModelSource): ModelText {
  const defaults = generationDefaults(source);
  let opened: Promise<TextTokenizer> | undefined;
  return { ...defaults, tokenizer: () => (opened ??= openTokenizer(source)) };
}
