import type { ModelSource } from '@tilewright/formats';
import { TilewrightError } from '@tilewright/kernels';
import { Tokenizer } from '@huggingface/tokenizers';
import { checkTokenList } from './requests.ts';

/** Text to tokens and back. */
export interface TextTokenizer {
  /**
   * Tokens of a text; of a prompt also those that the model expects in front of it (a bos token) and, where the tokenizer's
   * config says so, behind it. A prompt that begins with the bos token in words gets no second one.
   */
  encode(text: string, role?: 'text' | 'prompt'): number[];
  decode(tokens: readonly number[]): string;
}

/** The tokenizer of a model. Throws `bad-model` where `tokenizer.json` is missing, `bad-file` where it is wrong. */
export async function openTokenizer(source: Pick<ModelSource, 'tokenizerFiles'>): Promise<TextTokenizer> {
  const files = await source.tokenizerFiles();
  if (!files)
    throw new TilewrightError('bad-model', {
      subject: 'tokenizer.json',
      problem: 'the model folder has no tokenizer',
      requirement: 'text needs one',
      fix: 'give the prompt as tokens, or add tokenizer.json',
    });
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(files.tokenizer, files.config);
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
  const config = files.config as Readonly<Record<string, unknown>>;
  const start = specialToken(tokenizer, config, 'bos');
  const end = specialToken(tokenizer, config, 'eos');
  return {
    encode(text, role = 'text') {
      checkText(text);
      const plain = tokenizer.encode(text, { add_special_tokens: false }).ids;
      if (role === 'text') return plain;
      const tokens = tokenizer.encode(text, { add_special_tokens: true }).ids.slice();
      const addedFirst = tokens.length > plain.length && plain[0] !== tokens[0];
      // What the tokenizer's config says goes before what its post-processor did.
      if (start.added === true && tokens[0] !== start.id) tokens.unshift(start.id!);
      if (start.added === false && addedFirst && tokens[0] === start.id) tokens.shift();
      if (end.added === true && tokens.at(-1) !== end.id) tokens.push(end.id!);
      if (end.added === false && tokens.at(-1) === end.id && plain.at(-1) !== end.id) tokens.pop();
      const doubled = tokens.length > plain.length && tokens[0] === plain[0] && tokens[1] === plain[0];
      return doubled ? tokens.slice(1) : tokens;
    },
    decode(tokens) {
      checkTokenList('decode', tokens);
      if (tokens.length === 0) return '';
      return tokenizer.decode([...tokens], {
        skip_special_tokens: true,
        clean_up_tokenization_spaces: false,
      });
    },
  };
}

/** A token that begins or ends texts, and whether the config says that it is added: true, false, or nothing. */
interface SpecialToken {
  readonly id: number | undefined;
  readonly added: boolean | undefined;
}

function specialToken(
  tokenizer: Tokenizer,
  config: Readonly<Record<string, unknown>>,
  name: 'bos' | 'eos',
): SpecialToken {
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-file', {
      subject: 'tokenizer_config.json',
      problem,
      requirement,
      fix: 'compare the file with the one that was published',
    });
  };
  const written = config[`${name}_token`] ?? undefined;
  const content =
    typeof written === 'object' && written !== null && 'content' in written ? written.content : written;
  const id = typeof content === 'string' ? tokenizer.token_to_id(content) : undefined;
  const added = config[`add_${name}_token`] ?? undefined;
  if (added !== undefined && typeof added !== 'boolean')
    return refuse(`add_${name}_token is ${JSON.stringify(added)}`, 'it must be true or false');
  if (added === true && id === undefined)
    return refuse(
      `add_${name}_token is true and ${name}_token is ${JSON.stringify(content) ?? 'missing'}`,
      'what is added must be a token of the vocabulary',
    );
  return { id, added };
}

function checkText(text: unknown): void {
  if (typeof text === 'string') return;
  throw new TilewrightError('bad-argument', {
    subject: 'encode',
    problem: `the text is ${Array.isArray(text) ? 'a list' : String(text)}`,
    requirement: 'it must be a string',
    fix: 'give tokens to generateTokens as they are',
  });
}
