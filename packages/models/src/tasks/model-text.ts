import type { ModelSource } from '@tilewright/formats';
import { type GenerationDefaults, generationDefaults } from './generation-config.ts';
import { openTokenizer, type TextTokenizer, tokenizerWarnings } from './tokenizer.ts';

/** What a model's makers say of the text that it reads and writes. */
export interface ModelText extends GenerationDefaults {
  /** Opens the tokenizer, once. Throws `bad-model` where the model has none. */
  tokenizer(): Promise<TextTokenizer>;
}

/** The text side of a source. Throws `bad-model` for token ids that are none. */
export async function modelText(source: ModelSource): Promise<ModelText> {
  const defaults = generationDefaults(source);
  let opened: Promise<TextTokenizer> | undefined;
  const config = await source.json('tokenizer_config.json');
  const warnings = [...defaults.warnings, ...tokenizerWarnings(config, defaults.stopTokens.length > 0)];
  // A download that failed is tried again when it is asked for again.
  const tokenizer = (): Promise<TextTokenizer> =>
    (opened ??= openTokenizer(source).catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  return { ...defaults, warnings, tokenizer };
}
