import type { ModelFolder } from '@tilewright/formats';
import { TilewrightError } from '@tilewright/kernels';
import { Tokenizer } from '@huggingface/tokenizers';

/** Text to tokens and back. */
export interface TextTokenizer {
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
}

/** The tokenizer of a model folder. Throws `bad-model` where `tokenizer.json` is missing. */
export async function openTokenizer(folder: Pick<ModelFolder, 'tokenizerFiles'>): Promise<TextTokenizer> {
  const files = await folder.tokenizerFiles();
  if (!files)
    throw new TilewrightError('bad-model', {
      subject: 'tokenizer.json',
      problem: 'the model folder has no tokenizer',
      requirement: 'text needs one',
      fix: 'give the prompt as tokens, or add tokenizer.json',
    });
  const tokenizer = new Tokenizer(files.tokenizer as object, (files.config ?? {}) as object);
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode: (tokens) =>
      tokens.length === 0
        ? ''
        : tokenizer.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}
