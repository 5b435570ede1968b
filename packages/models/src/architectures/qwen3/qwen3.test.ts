// Qwen 3 on the device under test, against a decoder written in f64.
import { explain } from '@tilewright/graph';
import { isTilewrightError } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../open-model.ts';
import { generateTokens } from '../../tasks/generate.ts';
import { type LanguageModel, loadLanguageModel } from '../../tasks/language-model.ts';
import { score } from '../../tasks/score.ts';
import { scoring } from '../../tasks/scoring.ts';
import { plainDecoder } from '../../test/plain-decoder.ts';
import { tinyQwen3Source, tinyQwen3State } from '../../test/tiny-qwen3.ts';
import type { TinyChange } from '../../test/tiny-folder.ts';
import { qwen3 } from './index.ts';

const shape = { heads: 4, kvHeads: 2, headSize: 8, layers: 2, epsilon: 1e-6, theta: 1_000_000 };
const tokens = [3, 14, 1, 5, 9, 2, 6, 36, 0, 35, 8];

const open = async (change: TinyChange = {}, options: object = {}) =>
  openModel(await tinyQwen3Source(change), { architectures: [qwen3], strict: true, ...options });

const argmax = (row: readonly number[]): number => row.indexOf(Math.max(...row));

describe.skipIf(testProfile.compileOnly)('a tiny Qwen 3', () => {
  let opened: TestDevice;
  let model: LanguageModel;
  beforeAll(async () => {
    opened = await openTestDevice();
    model = await loadLanguageModel(opened.device, await open(), { scoring });
  });
  afterAll(() => {
    model.dispose();
    opened.device.dispose();
  });

  test('logits of a text', async () => {
    const want = plainDecoder(tinyQwen3State(), shape, tokens);
    const { logits, argmax: likeliest } = await score(model, tokens, { logits: true });
    const largest = Math.max(...want.flat().map(Math.abs));
    const worst = Math.max(...want.flat().map((value, i) => Math.abs(logits![i]! - value) / largest));
    expect(worst).toBeLessThan(2e-6);
    expect([...likeliest]).toEqual(want.map(argmax));
  });

  test('tokens one by one, through the cache', async () => {
    const written: number[] = [];
    for await (const token of generateTokens(model, tokens, { maxTokens: 6 })) written.push(token);
    const all = [...tokens];
    for (let i = 0; i < 6; i++) all.push(argmax(plainDecoder(tinyQwen3State(), shape, all).at(-1)!));
    expect(written).toEqual(all.slice(tokens.length));
  });

  test('biases and a head of its own, where the config asks for them', async () => {
    const numbers = (count: number, scale: number) =>
      Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i + 1));
    const attention = 'model.layers.1.self_attn';
    const biases = ['model.layers.0.self_attn', attention].flatMap((name) =>
      [
        ['q_proj', 32],
        ['k_proj', 16],
        ['v_proj', 16],
        ['o_proj', 20],
      ].map(([part, size]) => [
        `${name}.${part}.bias`,
        packDense(numbers(Number(size), 0.5), [Number(size)], 'f32'),
      ]),
    );
    const tensors = {
      ...Object.fromEntries(biases),
      'lm_head.weight': packDense(numbers(37 * 20, 1), [37, 20], 'f32'),
    };
    const config = { attention_bias: true, tie_word_embeddings: false };
    const other = await loadLanguageModel(opened.device, await open({ config, tensors }), { scoring });
    try {
      const { logits } = await score(other, tokens, { logits: true });
      const state = new Map([...tinyQwen3State(), ...Object.entries(tensors)]);
      const want = plainDecoder(state as ReturnType<typeof tinyQwen3State>, shape, tokens).flat();
      const largest = Math.max(...want.map(Math.abs));
      expect(Math.max(...want.map((value, i) => Math.abs(logits![i]! - value) / largest))).toBeLessThan(2e-6);
    } finally {
      other.dispose();
    }
  });

  // Norms of heads stand between the product and what turns; that and the cache move behind the norms.
  test('seven dispatches a layer, where no product is split', () => {
    const { calls } = explain(model.decode.compiled, { tokens: 1, keys: 8 });
    const layer = calls.filter(({ label }) => label.startsWith('model.layers.1.'));
    expect(layer.reduce((sum, { dispatches }) => sum + dispatches, 0)).toBe(7);
  });
});

describe('refused', () => {
  const refusal = async (change: TinyChange): Promise<string> => {
    try {
      await open(change);
    } catch (error) {
      if (!isTilewrightError(error)) throw error;
      return `${error.code}: ${error.message}`;
    }
    return 'nothing was thrown';
  };
  test.each<[string, TinyChange, string]>([
    [
      'a norm that is missing',
      { tensors: { 'model.layers.1.self_attn.k_norm.weight': undefined } },
      'bad-model: [model.layers.1.self_attn.k_norm.weight] this tensor is not among the weights; config.json asks for it ' +
        '(num_hidden_layers is 2), of shape [8]. Fix: check that the weight files are complete and belong to config.json.',
    ],
    [
      'heads of another size',
      { config: { head_dim: 6 } },
      'bad-model: [model.layers.0.self_attn.q_proj.weight] the tensor has shape [32, 20]; config.json makes it [24, 20]: ' +
        'num_attention_heads × head_dim is 24. Fix: check that config.json belongs to these weights.',
    ],
    [
      'heads whose size the config leaves out, which are 128 wide then',
      { config: { head_dim: null } },
      'bad-model: [model.layers.0.self_attn.q_proj.weight] the tensor has shape [32, 20]; config.json makes it [512, 20]: ' +
        'num_attention_heads × head_dim is 512. Fix: check that config.json belongs to these weights.',
    ],
    [
      'layers that are not attention',
      { config: { layer_types: ['full_attention', 'linear_attention'] } },
      'bad-model: [config.json] layer_types[1] is "linear_attention"; full_attention and sliding_attention are known. ' +
        'Fix: choose a model with these layers.',
    ],
    [
      'biases that are asked for and not there',
      { config: { attention_bias: true } },
      'bad-model: [model.layers.0.self_attn.q_proj.bias] this tensor is not among the weights; config.json asks for it ' +
        '(attention_bias is true), of shape [32]. Fix: check that the weight files are complete and belong to config.json.',
    ],
  ])('%s', async (_, change, message) => {
    expect(await refusal(change)).toBe(message);
  });

  test('a layer with a window keeps a ring of keys', async () => {
    const change = {
      config: { use_sliding_window: true, sliding_window: 16, max_window_layers: 0, layer_types: null },
    };
    const { model } = await open(change);
    const formats = Object.values(model.graph.states).map(({ cache }) => cache!.format.id);
    expect(new Set(formats)).toEqual(new Set(['ring(15)']));
  });
});
