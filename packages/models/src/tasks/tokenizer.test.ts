import { parseJson } from '@tilewright/formats';
import { isTilewrightError } from '@tilewright/kernels';
import { describe, expect, test } from 'vitest';
import { textStream } from './text-stream.ts';
import { modelText } from './model-text.ts';
import { openTokenizer, type TextTokenizer, tokenizerWarnings } from './tokenizer.ts';

/** What ByteLevel writes for a byte. */
function byteLetter(byte: number): string {
  const printable = (code: number): boolean =>
    (code >= 33 && code <= 126) || (code >= 161 && code <= 172) || (code >= 174 && code <= 255);
  if (printable(byte)) return String.fromCharCode(byte);
  let hidden = 256;
  for (let code = 0; code < byte; code++) if (!printable(code)) hidden++;
  return String.fromCharCode(hidden);
}

const [bos, eos] = [256, 257];
const template = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
  special_tokens: { '<s>': { id: '<s>', ids: [bos], tokens: ['<s>'] } },
};

/** A token for each byte, and two special ones. */
function byteTokenizer(postProcessor: object | null, config: object = {}): Promise<TextTokenizer> {
  const special = (id: number, content: string) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(bos, '<s>'), special(eos, '</s>')],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    post_processor: postProcessor,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(Array.from({ length: 256 }, (_, byte) => [byteLetter(byte), byte])),
      merges: [],
    },
  };
  return openTokenizer({ tokenizerFiles: async () => ({ tokenizer, config }) });
}

const named = { bos_token: '<s>', eos_token: { content: '</s>', special: true } };

describe('what stands in front of a prompt and behind it', () => {
  test.each([
    ['the post-processor alone', template, {}, [bos, 97]],
    ['nothing', null, named, [97]],
    ['add_bos_token without a post-processor', null, { ...named, add_bos_token: true }, [bos, 97]],
    ['add_bos_token with one', template, { ...named, add_bos_token: true }, [bos, 97]],
    ['add_bos_token false', template, { ...named, add_bos_token: false }, [97]],
    ['add_eos_token', template, { ...named, add_eos_token: true }, [bos, 97, eos]],
    ['null says nothing', template, { ...named, add_bos_token: null, add_eos_token: null }, [bos, 97]],
  ])('%s', async (_, postProcessor, config, tokens) => {
    const { encode } = await byteTokenizer(postProcessor, config);
    expect(encode('a', 'prompt')).toEqual(tokens);
    expect(encode('a')).toEqual([97]);
  });

  test.each([
    ['the post-processor', template, named],
    ['the post-processor, where no bos token is named', template, {}],
    ['add_bos_token', null, { ...named, add_bos_token: true }],
  ])(
    'a prompt that has its bos token in words gets no second one by %s',
    async (_, postProcessor, config) => {
      const { encode } = await byteTokenizer(postProcessor, config);
      expect(encode('<s>a', 'prompt')).toEqual([bos, 97]);
      expect(encode('aa', 'prompt')).toEqual([bos, 97, 97]);
      expect(encode('<s>a')).toEqual([bos, 97]);
    },
  );

  test.each([
    [{ add_bos_token: 1 }, 'add_bos_token is 1; it must be true or false'],
    [
      { add_bos_token: true, bos_token: '<none>' },
      'add_bos_token is true and bos_token is "<none>"; what is added must be a token of the vocabulary',
    ],
    [
      { add_eos_token: true },
      'add_eos_token is true and eos_token is missing; what is added must be a token of the vocabulary',
    ],
  ])('%j is refused', async (config, message) => {
    const error: unknown = await byteTokenizer(null, config).catch((reason: unknown) => reason);
    expect(isTilewrightError(error) && `${error.code}: ${error.message}`).toBe(
      `bad-file: [tokenizer_config.json] ${message}. Fix: compare the file with the one that was published.`,
    );
  });
});

describe('tokens that tokenizer_config.json adds', () => {
  const added = (id: string, content: string) => ({
    added_tokens_decoder: { 256: { content: '<s>', special: true }, [id]: { content, special: false } },
  });

  test('are tokens', async () => {
    const { encode, decode } = await byteTokenizer(null, added('258', '<tool>'));
    expect(encode('a<tool>b')).toEqual([97, 258, 98]);
    expect(decode([97, 258, 98])).toBe('a<tool>b');
    expect((await byteTokenizer(null)).encode('<tool>')).toHaveLength(6);
  });

  test.each([
    ['258', '</s>', 'has "</s>" as 257'],
    ['257', '<tool>', 'has "</s>" as 257'],
  ])('as %s, %s are refused where tokenizer.json says otherwise', async (id, content, says) => {
    const error: unknown = await byteTokenizer(null, added(id, content)).catch((reason: unknown) => reason);
    expect(isTilewrightError(error) && `${error.code}: ${error.message}`).toBe(
      `bad-file: [tokenizer_config.json] added_tokens_decoder has ${JSON.stringify(content)} as ${id}; tokenizer.json ${says}. ` +
        'Fix: get both files again, from one version of the model.',
    );
  });
});

test.each([
  [{ 5: null }, 'has null as 5'],
  [{ x: { content: 'a' } }, 'has {"content":"a"} as x'],
  [{ 300: { content: 3 } }, 'has {"content":3} as 300'],
])('added tokens that are none: %j', async (added, problem) => {
  const error: unknown = await byteTokenizer(null, { added_tokens_decoder: added }).catch(
    (reason: unknown) => reason,
  );
  expect(isTilewrightError(error) && `${error.code}: ${error.message}`).toBe(
    `bad-file: [tokenizer_config.json] added_tokens_decoder ${problem}; it names tokens, with their content, by id. ` +
      'Fix: get both files again, from one version of the model.',
  );
});

test.each([5000, 258, -1, 1.5, NaN])('token %d is none', async (token) => {
  const { decode } = await byteTokenizer(null);
  expect(() => decode([97, token])).toThrow(
    `[decode] there is a token ${token}; the tokenizer has no such token. Fix: give tokens of this model.`,
  );
});

test('fields of tokenizer_config.json that nothing reads are named', () => {
  const warnings = (text: string, stops = true) =>
    tokenizerWarnings(
      parseJson(text, { subject: 'tokenizer_config.json', part: 'the text', maxDepth: 8 }),
      stops,
    );
  expect(warnings('{"split_special_tokens": true, "add_prefix_space": true, "bos_token": "<s>"}')).toEqual([
    'tokenizer_config.json has split_special_tokens, add_prefix_space, which nothing here reads',
  ]);
  expect(warnings('{"add_prefix_space": false, "legacy": true, "odd": null}')).toEqual([]);
  expect(tokenizerWarnings(null, false)).toEqual([]);
  const end = '{"eos_token":"</s>"}';
  expect(warnings(end)).toEqual([]);
  expect(warnings(end, false)).toEqual([
    'tokenizer_config.json has an eos_token, and no eos_token_id says that it ends a text',
  ]);
});

test('a tokenizer whose download failed is asked for again', async () => {
  let asked = 0;
  const source = {
    config: new Map(),
    generation: new Map(),
    json: async () => null,
    tokenizerFiles: async () => {
      asked++;
      return null;
    },
  } as never;
  const text = await modelText(source);
  for (const times of [1, 2]) {
    await expect(text.tokenizer()).rejects.toThrow('the model folder has no tokenizer');
    expect(asked).toBe(times);
  }
});

test('tokens where a text belongs, and a text where tokens belong', async () => {
  const { encode, decode } = await byteTokenizer(null);
  expect(() => encode([1, 2] as never)).toThrow(
    '[encode] the text is an Array; it must be a string. Fix: give tokens to generateTokens as they are.',
  );
  expect(() => decode('ab' as never)).toThrow(
    '[decode] the tokens are a text; they must be a list of whole numbers. ' +
      'Fix: encode the text with the tokenizer of this model, or call writeText.',
  );
});

describe('text that comes token by token is whole characters', () => {
  const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];
  const text = 'é😀 ok 漢';

  test('wherever the prompt ends', async () => {
    const tokenizer = await byteTokenizer(null);
    const all = bytes(text);
    for (let cut = 0; cut <= all.length; cut++) {
      const stream = textStream(tokenizer, all.slice(0, cut));
      const pieces = all.slice(cut).map((token) => stream.push(token));
      const whole = pieces.join('') + stream.end();
      for (const piece of [...pieces, whole, stream.text()]) expect(piece.isWellFormed()).toBe(true);
      expect(text.endsWith(whole)).toBe(true);
      expect(stream.text()).toBe(whole);
      // A character that the prompt began is written whole.
      expect(new TextEncoder().encode(whole).length).toBeGreaterThanOrEqual(all.length - cut);
      expect(new TextEncoder().encode(whole).length).toBeLessThan(all.length - cut + 4);
    }
  });

  test('and a U+FFFD of the prompt is not repeated', async () => {
    const stream = textStream(await byteTokenizer(null), bytes('a\uFFFD'));
    expect([...bytes('b\uFFFD')].map((token) => stream.push(token)).join('')).toBe('b');
    expect(stream.end()).toBe('\uFFFD');
    expect(stream.text()).toBe('b\uFFFD');
  });

  test('and where it ends within one, U+FFFD stands for that', async () => {
    const tokenizer = await byteTokenizer(null);
    const stream = textStream(tokenizer, bytes('a'));
    expect([...bytes('b'), ...bytes('😀').slice(0, 2)].map((token) => stream.push(token))).toEqual([
      'b',
      '',
      '',
    ]);
    expect(stream.text()).toMatch(/^b\uFFFD+$/);
    expect(stream.end()).toMatch(/^\uFFFD+$/);
    expect(stream.end()).toBe('');
  });
});
