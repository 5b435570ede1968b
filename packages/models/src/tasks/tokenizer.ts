import type { ModelSource } from '@tilewright/formats';
import { TilewrightError } from '@tilewright/kernels';
import { Tokenizer } from '@huggingface/tokenizers';

/** Text to tokens and back. */
export interface TextTokenizer {
  /** Tokens of a text; of a prompt also those that the model expects in front of it (a bos token). */
  encode(text: string, role?: 'text' | 'prompt'): number[];
  decode(tokens: readonly number[]): string;
}

/** The tokenizer of a model folder. Throws `bad-model` where `tokenizer.json` is missing. */
export async function openTokenizer(folder: Pick<ModelSource, 'tokenizerFiles'>): Promise<TextTokenizer> {
  const files = await folder.tokenizerFiles();
  if (!files)
    throw new TilewrightError('bad-model', {
      subject: 'tokenizer.json',
      problem: 'the model folder has no tokenizer',
      requirement: 'text needs one',
      fix: 'give the prompt as tokens, or add tokenizer.json',
    });
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(files.tokenizer as object, (files.config ?? {}) as object);
  } catch (cause) {
    throw new TilewrightError(
      'bad-file',
      {
        subject: 'tokenizer.json',
        problem: `the tokenizer cannot be read (${(cause as Error).message})`,
        requirement: 'it is the format of the Hugging Face tokenizers library',
        fix: 'get the file again, or use token ids',
      },
      { cause },
    );
  }
  return {
    encode: (text, role = 'text') => tokenizer.encode(text, { add_special_tokens: role === 'prompt' }).ids,
    decode: (tokens) =>
      tokens.length === 0
        ? ''
        : tokenizer.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}
