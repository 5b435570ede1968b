import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@tilewright/formats';
import { testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exactGelu, plainBert } from '../../../models/src/test/plain-bert.ts';
import { tinyBertConfig, tinyBertState } from '../../../models/src/test/tiny-bert.ts';
import { run, testAdapter } from '../test/run.ts';

const root = mkdtempSync(join(tmpdir(), 'tilewright-embed-'));
const folder = join(root, 'bert');
const mute = join(root, 'mute');
const words = ['[PAD]', '[CLS]', '[SEP]', '[UNK]', 'good', 'morrow', 'sweet', 'sorrow'];
/** A tokenizer of whole words, with the two tokens around a text that BERT wants. */
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: words.slice(0, 4).map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [2], tokens: ['[SEP]'] },
    },
  },
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    unk_token: '[UNK]',
  },
};

beforeAll(() => {
  for (const path of [folder, mute]) {
    mkdirSync(path);
    writeFileSync(join(path, 'config.json'), JSON.stringify(tinyBertConfig));
    writeFileSync(join(path, 'model.safetensors'), writeSafetensors(tinyBertState()));
  }
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const meanOf = (tokens: readonly number[]): number[] => {
  const shape = { heads: 4, layers: 2, epsilon: 1e-12, activation: exactGelu };
  const { hidden } = plainBert(tinyBertState(), shape, tokens);
  return hidden[0]!.map((_, i) => hidden.reduce((sum, row) => sum + row[i]!, 0) / hidden.length);
};
const expectNear = (got: readonly number[], want: readonly number[]): void => {
  const largest = Math.max(...want.map(Math.abs));
  expect(got.length).toBe(want.length);
  got.forEach((value, i) => expect(Math.abs(value - want[i]!) / largest).toBeLessThan(2e-6));
};
const unit = (vector: readonly number[]): number[] => vector.map((value) => value / Math.hypot(...vector));

// SwiftShader takes minutes to compile what lavapipe does in seconds; the model's own tests run on it.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('embed', () => {
  test('explain says what a text costs', async () => {
    const { exitCode, out } = await run(['explain', folder, '--tokens', '5', ...testAdapter]);
    expect(exitCode).toBe(0);
    expect(out).toContain('a step of 5 tokens: ');
    const refused = await run(['explain', folder, '--keys', '9', ...testAdapter]);
    expect(refused.error).toBe(
      '[explain] --keys is given, and the model makes vectors of texts; it has no cache, and runs as it is stored. ' +
        'Fix: leave out --keys.\n',
    );
    const long = await run(['explain', folder, '--tokens', '4000', ...testAdapter]);
    expect(long.error).toMatch(
      /^\[explain\] a text of 4000 tokens was asked for; this model reads at most \d+\. Fix/,
    );
  });

  test('a line of numbers for each text, of the command line and of standard input', async () => {
    const input = 'Sweet sorrow\r\n\nGood good good morrow\n';
    const { exitCode, out } = await run(
      ['embed', folder, 'Good morrow', '-', '--tokens', '1,30,2', ...testAdapter],
      undefined,
      undefined,
      input,
    );
    expect(exitCode).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBe(4);
    for (const [i, tokens] of [
      [1, 4, 5, 2],
      [1, 6, 7, 2],
      [1, 4, 4, 4, 5, 2],
      [1, 30, 2],
    ].entries())
      expectNear(lines[i]!.split(' ').map(Number), meanOf(tokens));
  }, 60_000);

  test('--json - writes all of it to standard output, and nothing else', async () => {
    const command = ['embed', mute, '--tokens', '5,4,3', '--pooling', 'mean', '--normalize', '--json', '-'];
    const { exitCode, out } = await run([...command, ...testAdapter]);
    expect(exitCode).toBe(0);
    const { vectors, ...rest } = JSON.parse(out) as { vectors: number[][] };
    expect(rest).toEqual({ pooling: 'mean', normalize: true, texts: [[5, 4, 3]] });
    expectNear(vectors[0]!, unit(meanOf([5, 4, 3])));
  }, 60_000);

  test('--json FILE beside what the makers would not say', async () => {
    const json = join(root, 'out.json');
    const command = ['embed', mute, '--tokens', '5', '--pooling', 'cls', '--no-normalize', '--json', json];
    expect((await run([...command, ...testAdapter])).exitCode).toBe(0);
    const { vectors, pooling, normalize } = JSON.parse(readFileSync(json, 'utf8')) as {
      vectors: number[][];
      pooling: string;
      normalize: boolean;
    };
    expect([pooling, normalize]).toEqual(['cls', false]);
    expectNear(vectors[0]!, meanOf([5]));
  }, 60_000);

  test.each<[string, readonly string[], string, number]>([
    [
      'no text',
      [mute],
      '[embed] there is no text; a vector is of a text. Fix: name texts behind the folder, - for standard input, or give ' +
        '--tokens IDS.',
      2,
    ],
    [
      'a text without a tokenizer',
      [mute, 'Good morrow'],
      '[tokenizer.json] the model folder has no tokenizer; text needs one. Fix: give the prompt as tokens, or add tokenizer.json.',
      1,
    ],
    [
      'a text that is too long',
      [mute, '--tokens', '1,2,3', '--max-tokens', '2'],
      '[embed] a text has 3 tokens; the model was loaded for 2. Fix: shorten it, or open the model with a larger maxTokens ' +
        'where its positions allow one.',
      2,
    ],
    [
      'two options that exclude each other',
      [mute, '--tokens', '1', '--normalize', '--no-normalize'],
      '[embed] there are --normalize and --no-normalize; vectors have length 1 or are as they are. Fix: leave one of the two out.',
      2,
    ],
    [
      'a file without a name',
      [mute, '--tokens', '1', '--json', ''],
      "error: option '--json <file>' argument '' is invalid. It has no name. Fix: name a file, or - for standard output.",
      2,
    ],
    [
      'a kind of pooling that there is not',
      [mute, '--tokens', '1', '--pooling', 'sum'],
      "error: option '--pooling <kind>' argument 'sum' is invalid. Allowed choices are mean, cls, max.",
      2,
    ],
  ])(
    'refuses %s',
    async (_, rest, message, code) => {
      const { exitCode, out, error } = await run(['embed', ...rest, ...testAdapter]);
      expect(exitCode).toBe(code);
      expect(out).toBe('');
      expect(error).toContain(message);
    },
    60_000,
  );

  test('a text without a tokenizer is refused before anything is compiled', async () => {
    const { exitCode, error } = await run(['embed', mute, 'Good morrow', ...testAdapter]);
    expect([exitCode, error]).toEqual([
      1,
      'reading\n[tokenizer.json] the model folder has no tokenizer; text needs one. Fix: give the prompt as tokens, or add ' +
        'tokenizer.json.\n',
    ]);
  }, 60_000);

  test('a token that the model has not is refused before anything is compiled', async () => {
    const { exitCode, error } = await run(['embed', mute, '--tokens', '1,99', ...testAdapter]);
    expect([exitCode, error]).toEqual([
      2,
      'reading\n[embed] there is a token 99; tokens are integers from 0 to 30. Fix: encode the text with the tokenizer of this ' +
        'model.\n',
    ]);
  }, 60_000);

  test('a model that writes is refused, and says which embed', async () => {
    const llama = join(root, 'llama');
    mkdirSync(llama);
    writeFileSync(join(llama, 'config.json'), JSON.stringify({ architectures: ['LlamaForCausalLM'] }));
    writeFileSync(join(llama, 'model.safetensors'), writeSafetensors(tinyBertState()));
    const { exitCode, error } = await run(['embed', llama, '--tokens', '1', ...testAdapter]);
    expect(exitCode).toBe(1);
    expect(error).toContain(
      '[config.json] the architecture is "LlamaForCausalLM" and model_type nothing; supported: BertModel, BertForMaskedLM, ' +
        'BertForPreTraining. Fix: choose a model of a supported architecture, or hand openModel one that claims it.',
    );
  });
});
