// Vectors of texts on the device under test, against an encoder written in f64.
import { explain } from '@tilewright/graph';
import type { ModelSource } from '@tilewright/formats';
import { isTilewrightError } from '@tilewright/kernels';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bert } from '../architectures/bert/index.ts';
import { openModel } from '../open-model.ts';
import { exactGelu, plainBert, tanhGelu } from '../test/plain-bert.ts';
import { tinyBertSource, tinyBertState } from '../test/tiny-bert.ts';
import { embed, encode } from './embed.ts';
import { type EmbeddingModel, loadEmbeddingModel } from './embedding-model.ts';

const shape = { heads: 4, layers: 2, epsilon: 1e-12 };
const texts = [[5, 0, 30, 7, 7], [3], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11, 12, 13, 14, 15, 16, 17]];
const types = [0, 1, 0, 1, 1];

async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
}

/** The largest difference, of the largest number that is wanted. */
const distance = (got: ArrayLike<number>, want: readonly number[]): number => {
  expect(got.length).toBe(want.length);
  const largest = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((value, i) => Math.abs(got[i]! - value) / largest));
};
const mean = (rows: readonly (readonly number[])[]): number[] =>
  rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);

describe.skipIf(testProfile.compileOnly)('a tiny BERT', () => {
  let opened: TestDevice;
  let model: EmbeddingModel;
  const open = async (source: Promise<ModelSource> = tinyBertSource()) =>
    openModel(await source, { architectures: [bert] });
  const exact = (tokens: readonly number[]) =>
    plainBert(tinyBertState(), { ...shape, activation: exactGelu }, tokens).hidden;

  beforeAll(async () => {
    opened = await openTestDevice();
    model = await loadEmbeddingModel(opened.device, await open(), { pooled: true });
  });
  afterAll(() => {
    model.dispose();
    opened.device.dispose();
  });

  test('hidden states and its own pooler, with types of tokens', async () => {
    const { hidden, pooled, width } = await encode(model, { tokens: texts[0]!, types });
    const want = plainBert(tinyBertState(), { ...shape, activation: exactGelu }, texts[0]!, types);
    expect(width).toBe(20);
    expect(distance(hidden, want.hidden.flat())).toBeLessThan(2e-6);
    expect(distance(pooled!, want.pooled)).toBeLessThan(2e-6);
  });

  test('tokens at positions of their own', async () => {
    const positions = [3, 4, 9, 10, 23];
    const { hidden } = await encode(model, { tokens: texts[0]!, positions });
    const shaped = { ...shape, activation: exactGelu };
    const want = plainBert(tinyBertState(), shaped, texts[0]!, undefined, positions);
    expect(distance(hidden, want.hidden.flat())).toBeLessThan(2e-6);
  });

  test('the mean of all tokens, whatever stands beside a text', async () => {
    const together = await embed(model, texts);
    for (const [i, tokens] of texts.entries()) {
      expect(distance(together[i]!, mean(exact(tokens)))).toBeLessThan(2e-6);
      const [alone] = await embed(model, [tokens]);
      expect([...alone!]).toEqual([...together[i]!]);
    }
  });

  test('a text in executables of several lengths', async () => {
    const small = await loadEmbeddingModel(opened.device, await open(), { buckets: [5, 17] });
    try {
      for (const tokens of texts)
        expect(distance((await embed(small, [tokens]))[0]!, mean(exact(tokens)))).toBeLessThan(2e-6);
    } finally {
      small.dispose();
    }
  });

  test('the first token, the largest of each channel, and length 1', async () => {
    const rows = exact(texts[2]!);
    const vectorOf = async (options: object) => (await embed(model, [texts[2]!], options))[0]!;
    const largest = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!)));
    const length = Math.hypot(...mean(rows));
    expect(distance(await vectorOf({ pooling: 'cls' }), [...rows[0]!])).toBeLessThan(2e-6);
    expect(distance(await vectorOf({ pooling: 'max' }), largest)).toBeLessThan(2e-6);
    expect(
      distance(
        await vectorOf({ normalize: true }),
        mean(rows).map((value) => value / length),
      ),
    ).toBeLessThan(2e-6);
  });

  test('what the makers say of pooling holds where the caller says nothing', async () => {
    const files = {
      'modules.json': JSON.stringify([
        { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
        { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
        { idx: 2, name: '2', path: '2_Normalize', type: 'sentence_transformers.models.Normalize' },
      ]),
      '1_Pooling/config.json': JSON.stringify({
        word_embedding_dimension: 20,
        pooling_mode_cls_token: true,
        pooling_mode_mean_tokens: false,
      }),
    };
    const source = await open(tinyBertSource({ files }));
    const sentence = await loadEmbeddingModel(opened.device, source, { buckets: [24] });
    try {
      expect(sentence.pooling).toEqual({ pooling: 'cls', normalize: true });
      const [first] = exact(texts[0]!);
      const length = Math.hypot(...first!);
      const [vector] = await embed(sentence, [texts[0]!]);
      expect(
        distance(
          vector!,
          first!.map((value) => value / length),
        ),
      ).toBeLessThan(2e-6);
    } finally {
      sentence.dispose();
    }
  });

  test('the approximation of gelu, where the config asks for it', async () => {
    const source = await open(tinyBertSource({ config: { hidden_act: 'gelu_new' } }));
    const other = await loadEmbeddingModel(opened.device, source, { buckets: [24] });
    try {
      const { hidden } = await encode(other, texts[0]!);
      const want = plainBert(tinyBertState(), { ...shape, activation: tanhGelu }, texts[0]!);
      expect(distance(hidden, want.hidden.flat())).toBeLessThan(2e-6);
    } finally {
      other.dispose();
    }
  });

  test('one column that is no number ends it, wherever it is', async () => {
    const bias = 'encoder.layer.1.output.LayerNorm.bias';
    const values = new Float32Array(20);
    values[13] = Number.NaN;
    const tensors = {
      [bias]: { ...tinyBertState().get(bias)!, bytes: new Uint8Array(values.buffer) },
    };
    const source = await open(tinyBertSource({ tensors }));
    const broken = await loadEmbeddingModel(opened.device, source, { buckets: [24] });
    try {
      expect(await refusal(() => embed(broken, [texts[0]!]))).toBe(
        'not-finite: [embed] the numbers stop being numbers at position 0: NaN came out; logits are finite wherever the ' +
          'weights and what is made of them are. Fix: find the operator with findNonFinite (generate --check on the command line), ' +
          'and check the weight files.',
      );
    } finally {
      broken.dispose();
    }
  });

  test('a file without a pooler gives vectors, and refuses to pool', async () => {
    const tensors = { 'pooler.dense.weight': undefined, 'pooler.dense.bias': undefined };
    const source = await open(tinyBertSource({ tensors }));
    const bare = await loadEmbeddingModel(opened.device, source, { buckets: [24] });
    try {
      expect(distance((await embed(bare, [texts[0]!]))[0]!, mean(exact(texts[0]!)))).toBeLessThan(2e-6);
    } finally {
      bare.dispose();
    }
    expect(await refusal(() => loadEmbeddingModel(opened.device, source, { pooled: true }))).toBe(
      "bad-model: [pooler.dense.weight] the tensor 'pooler.dense.weight' is not among the weights; the model's configuration " +
        'needs it. Fix: check that the weight files are complete and belong to config.json.',
    );
  });

  test('seven dispatches a layer, where no product is split', () => {
    const { compiled } = model.encode.at(-1)!.executable;
    const { calls } = explain(compiled, { tokens: 24 });
    const layer = calls.filter(({ label }) => label.startsWith('encoder.layer.1.'));
    expect(layer.reduce((sum, { dispatches }) => sum + dispatches, 0)).toBe(7);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'a text without tokens',
      () => embed(model, [[]]),
      'bad-argument: [embed] a text has no tokens; a vector is of one or more. Fix: leave the text out.',
    ],
    [
      'a text that is too long',
      () => embed(model, [Array.from({ length: 25 }, () => 1)]),
      'bad-argument: [embed] a text has 25 tokens; the model was loaded for 24. Fix: shorten it, or open the model with a ' +
        'larger maxTokens where its positions allow one.',
    ],
    [
      'a token beyond the vocabulary',
      () => embed(model, [[31]]),
      'bad-argument: [embed] there is a token 31; tokens are integers from 0 to 30. Fix: encode the text with the tokenizer ' +
        'of this model.',
    ],
    [
      'a hole among the tokens',
      () => embed(model, [[1, undefined as never, 3]]),
      'bad-argument: [embed] there is a token undefined; tokens are integers from 0 to 30. Fix: encode the text with the ' +
        'tokenizer of this model.',
    ],
    [
      'a hole among the types',
      () => embed(model, [{ tokens: [1, 2], types: [0, undefined as never] }]),
      'bad-argument: [embed] there is a token of type undefined; types are integers from 0 to 1. Fix: leave types out for the ' +
        'first.',
    ],
    [
      'what is no model',
      () => embed({} as never, [[1]]),
      'bad-argument: [embed] model is an object; it must be what loadEmbeddingModel gives. Fix: give what ' +
        'loadEmbeddingModel gives.',
    ],
    [
      'an input with a name that nobody reads',
      () => embed(model, [{ tokens: [1], token_types: [0] } as never]),
      "bad-argument: [embed] there is no option 'token_types'; known are tokens, types, positions. Fix: write 'tokens'.",
    ],
    [
      'types that are too few',
      () => embed(model, [{ tokens: [1, 2], types: [0] }]),
      'bad-argument: [embed] 1 types are given for 2 tokens; each token has one. Fix: give as many as tokens.',
    ],
    [
      'a type that there is not',
      () => embed(model, [{ tokens: [1], types: [2] }]),
      'bad-argument: [embed] there is a token of type 2; types are integers from 0 to 1. Fix: leave types out for the first.',
    ],
    [
      'a position that there is not',
      () => embed(model, [{ tokens: [1, 2], positions: [0, 24] }]),
      'bad-argument: [embed] there is a token of position 24; positions are integers from 0 to 23. Fix: leave positions out for ' +
        'one after the other.',
    ],
    [
      'a kind of pooling that there is not',
      () => embed(model, [[1]], { pooling: 'sum' as never }),
      "bad-argument: [embed] pooling is sum; it must be mean, cls, max. Fix: use 'mean' where nothing else is known.",
    ],
    [
      'an option that nobody knows',
      () => embed(model, [[1]], { normalise: true } as never),
      "bad-argument: [embed] there is no option 'normalise'; known are pooling, normalize, signal. Fix: write 'normalize'.",
    ],
    [
      'a text where there is no tokenizer',
      () => embed(model, ['Good morrow']),
      'bad-model: [tokenizer.json] the model folder has no tokenizer; text needs one. Fix: give the prompt as tokens, or add ' +
        'tokenizer.json.',
    ],
    [
      'one text in place of a list',
      () => embed(model, 'Good morrow' as never),
      'bad-argument: [embed] the texts are a text; they must be a list. Fix: put brackets around it.',
    ],
    [
      'an aborted request',
      () => embed(model, [[1]], { signal: AbortSignal.abort() }),
      'aborted: [embed] it was aborted.',
    ],
    [
      'two requests at once',
      () => Promise.all([encode(model, [1]), encode(model, [2])]),
      'bad-argument: [embed] this model is still at work on something else; its buffers are there once. Fix: finish that first ' +
        '(or call return() on its iterator), or load the model a second time.',
    ],
    [
      'buckets beyond the graph',
      async () => loadEmbeddingModel(opened.device, await open(), { buckets: [25] }),
      'bad-argument: [loadEmbeddingModel] the buckets are 25; the graph takes whole numbers of tokens, at most 24 at a time. ' +
        'Fix: build the graph with a larger maxTokens, or use smaller buckets.',
    ],
  ])('refuses %s', async (_, run, message) => {
    expect(await refusal(run)).toBe(message);
  });
});
