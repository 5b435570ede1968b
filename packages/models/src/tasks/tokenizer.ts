import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ModelSource,
  type TokenizerFiles,
} from '@tilewright/formats';
import { aKindOf, awaitFix, checkOptions, having, TilewrightError } from '@tilewright/kernels';
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

/** The tokenizer of a model. Throws `bad-model` where `tokenizer.json` is missing, `bad-file` where it is wrong, `bad-argument` for no source. */
export async function openTokenizer(source: Pick<ModelSource, 'tokenizerFiles'>): Promise<TextTokenizer> {
  checkOptions(
    'openTokenizer',
    { source },
    { source: having('what openModelFolder gives', 'tokenizerFiles') },
  );
  const files = await source.tokenizerFiles();
  if (!files)
    throw new TilewrightError('bad-model', {
      subject: 'tokenizer.json',
      problem: 'the model folder has no tokenizer',
      requirement: 'text needs one',
      fix: 'give the prompt as tokens, or add tokenizer.json',
    });
  const content = withAddedTokens(files);
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(content, files.config);
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
      for (const token of tokens) if (tokenizer.id_to_token(token) === undefined) throw unknownToken(token);
      if (tokens.length === 0) return '';
      return tokenizer.decode([...tokens], {
        skip_special_tokens: true,
        clean_up_tokenization_spaces: false,
      });
    },
  };
}

/**
 * `tokenizer.json` with the tokens that `added_tokens_decoder` of `tokenizer_config.json` names and it lacks: they are added there,
 * too. Throws `bad-file` where the two give a token, or an id, to different things.
 */
function withAddedTokens({ tokenizer, config }: TokenizerFiles): object {
  const own = tokenizer as { readonly added_tokens?: readonly AddedToken[] };
  const added = Array.isArray(own.added_tokens) ? (own.added_tokens as readonly AddedToken[]) : [];
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-file', {
      subject: 'tokenizer_config.json',
      problem: `added_tokens_decoder ${problem}`,
      requirement,
      fix: 'get both files again, from one version of the model',
    });
  };
  const { added_tokens_decoder: decoder = {} } = config as { readonly added_tokens_decoder?: object | null };
  const entries = Object.entries<AddedToken | null>((decoder ?? {}) as Record<string, AddedToken>);
  const missing = entries.flatMap(([id, token]) => {
    if (!/^\d+$/.test(id) || typeof token?.content !== 'string')
      return refuse(`has ${JSON.stringify(token)} as ${id}`, 'it names tokens, with their content, by id');
    const same = added.find((each) => each.content === token.content || each.id === Number(id));
    if (same === undefined) return [{ ...token, id: Number(id) }];
    if (same.content === token.content && same.id === Number(id)) return [];
    return refuse(
      `has ${JSON.stringify(token.content)} as ${id}`,
      `tokenizer.json has ${JSON.stringify(same.content)} as ${same.id}`,
    );
  });
  return missing.length === 0 ? tokenizer : { ...own, added_tokens: [...added, ...missing] };
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
}

const unknownToken = (token: number): TilewrightError =>
  new TilewrightError('bad-argument', {
    subject: 'decode',
    problem: `there is a token ${token}`,
    requirement: 'the tokenizer has no such token',
    fix: 'give tokens of this model',
  });

/** Fields of `tokenizer_config.json` that are read here, that `tokenizer.json` says too, or that change no token. */
const understood =
  /^(add_[be]os_token|added_tokens_decoder|(additional|extra)_special_tokens|auto_map|(bos|cls|eos|mask|pad|sep|unk)_token|chat_template|clean_up_tokenization_spaces|do_(basic_tokenize|lower_case)|errors|legacy|model_(input_names|max_length)|name_or_path|never_split|(padding|truncation)_side|sp_model_kwargs|special_tokens_map_file|strip_accents|tokenize_chinese_chars|tokenizer_(class|file)|use_default_system_prompt)$/;

/**
 * What `tokenizer_config.json` says and nothing here does, a sentence each; so it is with a token that ends texts where no id `stops`
 * them.
 */
export function tokenizerWarnings(config: Json | null, stops: boolean): readonly string[] {
  if (!isJsonObject(config ?? undefined)) return [];
  const left = [...(config as JsonObject)].flatMap(([name, value]) =>
    understood.test(name) || value === null || value === false ? [] : [name],
  );
  const end = (config as JsonObject).get('eos_token') ?? undefined;
  return [
    ...(left.length === 0 ? [] : [`tokenizer_config.json has ${left.join(', ')}, which nothing here reads`]),
    ...(stops || end === undefined
      ? []
      : ['tokenizer_config.json has an eos_token, and no eos_token_id says that it ends a text']),
  ];
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
    problem: `the text is ${aKindOf(text)}`,
    requirement: 'it must be a string',
    fix: awaitFix(text, 'give tokens to generateTokens as they are'),
  });
}
