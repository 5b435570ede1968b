import { type HostTensor, isTilewrightError, type StateDict } from '@tilewright/kernels';
import { dense, packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { describe, expect, test } from 'vitest';
import { languageArchitectures, openModel } from './all.ts';
import { nf4, nf4Family, packNf4 } from '@tilewright/kernels/weights/nf4';
import { llama } from './architectures/llama/index.ts';
import { dynamicScaling } from './architectures/rope-scalings/dynamic.ts';
import { yarnScaling } from './architectures/rope-scalings/yarn.ts';
import { openModel as openWith } from './open-model.ts';
import type { TinyChange } from './test/tiny-folder.ts';
import { tinySource, tinyState } from './test/tiny-model.ts';

const zeros = (...shape: number[]) =>
  packDense(new Float32Array(shape.reduce((product, size) => product * size, 1)), shape, 'f32');

async function opened(change: TinyChange = {}, options: object = {}) {
  const warnings: string[] = [];
  const model = await openModel(await tinySource(change), {
    onWarning: (warning) => void warnings.push(warning),
    ...options,
  });
  return { ...model, warnings };
}

async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isTilewrightError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

test('opens a model of the architecture that claims its config, with room for its positions', async () => {
  const { architecture, model, text, warnings } = await opened();
  expect(architecture).toBe('llama');
  expect(model.graph.symbols).toEqual({ tokens: { max: 40 }, keys: { max: 40 } });
  expect(model.blocks.length).toBe(2);
  expect(text).toMatchObject({ startTokens: [1], stopTokens: [2] });
  expect(warnings).toEqual([]);
  expect((await opened({}, { capacity: 8, maxTokens: 3 })).model.graph.symbols).toEqual({
    tokens: { max: 3 },
    keys: { max: 8 },
  });
});

test('reads the file of a model that was saved without its head', async () => {
  const published = await tinySource({ config: { tie_word_embeddings: true } });
  const weightFiles = await published.openWeights();
  const tensors = new Map(
    [...weightFiles.tensors].flatMap(([name, tensor]) =>
      name === 'lm_head.weight' ? [] : [[name.replace(/^model\./, ''), tensor] as const],
    ),
  );
  const warnings: string[] = [];
  const bare = await openModel(
    { ...published, openWeights: async () => ({ ...weightFiles, tensors }) },
    { onWarning: (warning) => void warnings.push(warning) },
  );
  const { weights } = await opened({ config: { tie_word_embeddings: true, hidden_act: 'swish' } });
  const plain = (state: StateDict): unknown =>
    [...state].map(([name, { format, ...rest }]) => [name, format.id, rest]);
  expect(plain(bare.weights)).toEqual(plain(weights));
  expect(warnings).toEqual([]);
});

test('closes the source, opened or refused', async () => {
  for (const config of [{}, { architectures: ['Wobble'] }]) {
    const source = await tinySource({ config });
    let closed = 0;
    await refusal(() => openModel({ ...source, close: async () => void closed++ }));
    expect(closed).toBe(1);
  }
});

describe('says what it leaves out', () => {
  test.each([
    [
      'a config for fewer layers than the file has',
      { config: { num_hidden_layers: 1 } },
      '9 tensors are not used by the model that config.json describes: "model.layers.1.input_layernorm.weight", ' +
        '"model.layers.1.mlp.down_proj.weight", "model.layers.1.mlp.gate_proj.weight", "model.layers.1.mlp.up_proj.weight", ' +
        '"model.layers.1.post_attention_layernorm.weight", "model.layers.1.self_attn.k_proj.weight" and 3 more',
    ],
    [
      'a bias without a flag in the config',
      { tensors: { 'model.layers.0.self_attn.q_proj.bias': zeros(16) } },
      '1 tensor is not used by the model that config.json describes: "model.layers.0.self_attn.q_proj.bias"',
    ],
    [
      'a field that no Llama has',
      { config: { sliding_window: 30, logit_scale: 1 } },
      'config.json has sliding_window, logit_scale, which this architecture does not use',
    ],
    [
      'a type of another architecture than the class',
      { config: { model_type: 'qwen2' } },
      'config.json has the model_type "qwen2" and is read as llama',
    ],
    [
      'a token that no text has',
      { config: { eos_token_id: [2, 29] } },
      'eos_token_id names token 29, and vocab_size is 29',
    ],
    [
      'a length that ends a text before the room does',
      { files: { 'generation_config.json': '{"max_length": 39}' } },
      'generation_config.json has max_length, which generation here does not do',
    ],
    [
      'a setting of generation that is not done',
      { files: { 'generation_config.json': '{"repetition_penalty": 1.2}' } },
      'generation_config.json has repetition_penalty, which generation here does not do',
    ],
  ])('%s', async (_, change, warning) => {
    expect((await opened(change)).warnings).toEqual([warning]);
    expect(await refusal(() => opened(change, { strict: true }))).toBe(
      `bad-model: [tiny] ${warning}; a strict reading leaves nothing out. Fix: correct the files, or read them without strict.`,
    );
  });

  test('but not what is known to repeat something', async () => {
    const frequencies = { 'model.layers.0.self_attn.rotary_emb.inv_freq': zeros(4) };
    expect((await opened({ tensors: frequencies })).warnings).toEqual([]);
    const embedding = tinyState().get('model.embed_tokens.weight')!;
    const tied = (head: HostTensor | undefined) =>
      opened({ config: { tie_word_embeddings: true }, tensors: { 'lm_head.weight': head } });
    expect((await tied(embedding)).warnings).toEqual([]);
    expect((await tied(undefined)).warnings).toEqual([]);
    const last = packDense(unpackDense(embedding).with(-1, 9), [29, 16], 'f32');
    for (const other of [last, zeros(29, 16), zeros(30, 16)])
      expect((await tied(other)).warnings).toEqual([
        '1 tensor is not used by the model that config.json describes: "lm_head.weight"',
      ]);
  });
});

test('compressed weights are read by the families that are handed over, and refused without', async () => {
  const name = 'model.layers.0.mlp.down_proj.weight';
  const format = nf4({ group: 32 });
  const parts = { codes: new Uint8Array(16 * 24).fill(3), scales: new Float32Array(16).fill(0.5) };
  const change = { tensors: { [name]: packNf4(parts, [16, 24], format) } };
  const { weights } = await opened(change, { formats: [nf4Family] });
  expect(weights.get(name)!.format.id).toBe(format.id);
  expect(await refusal(() => opened(change))).toBe(
    'bad-file: [model.safetensors] it holds weights in a format of the family "nf4"; the families handed over in formats are ' +
      'none. Fix: hand over those that it names, from @tilewright/kernels/weights/<format>.',
  );
});

test.each([{ type: 'yarn' }, { type: 'dynamic' }])(
  'positions stretched as %o open with all, and by value',
  async (scaling) => {
    const change = { config: { rope_scaling: { ...scaling, factor: 4 } } };
    const table = ({ model }: Awaited<ReturnType<typeof opened>>) => model.graph.constants['rope.sin'];
    const all = await opened(change);
    const handed = await openWith(await tinySource(change), {
      architectures: [llama],
      ropeScalings: [dynamicScaling, yarnScaling],
    });
    expect(table(all)).toEqual(handed.model.graph.constants['rope.sin']);
    expect(
      await refusal(async () => openWith(await tinySource(change), { architectures: [llama] })),
    ).toContain('hand openModel what reads it in ropeScalings (dynamicScaling, yarnScaling)');
  },
);

describe('refuses', () => {
  const belongs = 'Fix: check that config.json belongs to these weights.';
  const complete = 'Fix: check that the weight files are complete and belong to config.json.';
  const supported = `supported: ${languageArchitectures.flatMap(({ names }) => names).join(', ')}`;
  test.each([
    [
      { config: { architectures: ['WobbleForCausalLM'], model_type: 'wobble' } },
      `bad-model: [config.json] the architecture is "WobbleForCausalLM" and model_type "wobble"; ${supported}. ` +
        'Fix: choose a model of a supported architecture, or hand openModel one that claims it.',
    ],
    [
      { config: { architectures: null, model_type: 'gpt2' } },
      `bad-model: [config.json] no architecture is named, and model_type is "gpt2"; ${supported}. ` +
        'Fix: choose a model of a supported architecture, or hand openModel one that claims it.',
    ],
    [
      { config: { architectures: [{}, 3] } },
      `bad-model: [config.json] the architecture is an object, 3 and model_type "llama"; ${supported}. ` +
        'Fix: choose a model of a supported architecture, or hand openModel one that claims it.',
    ],
    [
      { tensors: { 'lm_head.weight': undefined } },
      'bad-model: [lm_head.weight] this tensor is not among the weights; config.json asks for it (tie_word_embeddings is false), ' +
        `of shape [29, 16]. ${complete}`,
    ],
    [
      { config: { num_hidden_layers: 3 } },
      'bad-model: [model.layers.2.input_layernorm.weight] this tensor is not among the weights; config.json asks for it ' +
        `(num_hidden_layers is 3), of shape [16]. ${complete}`,
    ],
    [
      { config: { attention_bias: true } },
      'bad-model: [model.layers.0.self_attn.q_proj.bias] this tensor is not among the weights; config.json asks for it ' +
        `(attention_bias is true), of shape [16]. ${complete}`,
    ],
    [
      { config: { intermediate_size: 32 } },
      'bad-model: [model.layers.0.mlp.gate_proj.weight] the tensor has shape [24, 16]; config.json makes it [32, 16]: ' +
        `intermediate_size is 32. ${belongs}`,
    ],
    [
      { config: { num_key_value_heads: 2 } },
      'bad-model: [model.layers.0.self_attn.k_proj.weight] the tensor has shape [8, 16]; config.json makes it [16, 16]: ' +
        `num_key_value_heads × head_dim is 16. ${belongs}`,
    ],
    [
      { tensors: { 'model.norm.weight': { format: dense('i8'), shape: [16], bytes: new Uint8Array(16) } } },
      'bad-model: [model.norm.weight] the tensor is stored as i8; weights are floating-point numbers, or have a format of ' +
        'their own. Fix: take the original model.',
    ],
    [
      { config: { eos_token_id: -1 } },
      'bad-model: [config.json] eos_token_id is -1; it must be a token id (a whole number from 0) or a list of them. ' +
        'Fix: compare the file with the one that was published.',
    ],
  ])('%j', async (change, message) => {
    expect(await refusal(() => opened(change))).toBe(message);
  });

  test('families of formats that are none', async () => {
    expect(await refusal(() => opened({}, { formats: [3] }))).toBe(
      'bad-argument: [openModel] formats is [3]; it must be a list, of which each is a family of formats. Fix: give a list, of ' +
        'which each is a family of formats.',
    );
  });

  test('an option that nobody knows', async () => {
    expect(await refusal(() => opened({}, { stict: true }))).toBe(
      "bad-argument: [openModel] there is no option 'stict'; known are architectures, cache, cacheFormat, capacity, checkpoints, " +
        "formats, maxTokens, onProgress, onWarning, ropeScalings, sequences, strict. Fix: write 'strict'.",
    );
  });

  test.each([
    [
      { architectures: undefined },
      'architectures is undefined; it must be a list, of which each is an architecture. Fix: give a list, of ' +
        'which each is an architecture.',
    ],
    [
      { architectures: [3, {}] },
      'architectures is [3, an object]; it must be a list, of which each is an architecture. Fix: give a list, ' +
        'of which each is an architecture.',
    ],
    [
      { cacheFormat: 'int9' },
      "cacheFormat is 'int9'; it must be a format of caches. Fix: give a format of caches.",
    ],
    [
      { cacheFormat: {} },
      'cacheFormat is an object; it must be a format of caches. Fix: give a format of caches.',
    ],
    [{ cache: 'paged' }, "cache is 'paged'; it must be 'f32' or 'f16'. Fix: give 'f32' or 'f16'."],
    [{ strict: 'yes' }, "strict is 'yes'; it must be true or false. Fix: give true or false."],
    [{ onWarning: 'log' }, "onWarning is 'log'; it must be a function. Fix: give a function."],
  ])('%j', async (options, message) => {
    expect(await refusal(() => opened({}, options as never))).toBe(`bad-argument: [openModel] ${message}`);
  });

  test.each([
    [{}, 'an object'],
    ['path', "'path'"],
    [undefined, 'undefined'],
  ])('%j, which is no source', async (source, kind) => {
    expect(await refusal(() => openModel(source as never))).toBe(
      `bad-argument: [openModel] source is ${kind}; it must be what openModelFolder gives. Fix: give what openModelFolder gives.`,
    );
  });

  test.each([
    ['logit_scale', '1, false, null'],
    ['attn_logit_softcapping', 'null'],
  ])('a field by which other architectures change their numbers: %s', async (name, only) => {
    expect(await refusal(() => opened({ config: { [name]: 30 } }))).toBe(
      `bad-model: [config.json] ${name} is 30; what it changes would be left out: only ${only} would do. Fix: choose a model without it.`,
    );
  });

  test.each(['dtype', 'torch_dtype'])('a type of numbers that is none: %s', async (name) => {
    expect(await refusal(() => opened({ config: { [name]: 3 } }))).toBe(
      `bad-model: [config.json] ${name} is 3; it must be a text. Fix: compare the file with the one that was published.`,
    );
  });

  test('room that the model was not made for', async () => {
    expect(await refusal(() => opened({}, { capacity: 41 }))).toBe(
      'bad-argument: [capacity] 41 positions were asked for; the model was made for 40 (max_position_embeddings). Fix: ask for fewer.',
    );
  });

  test('a source of a kind that the architecture cannot read, and a promise of one', async () => {
    const source = await tinySource();
    expect(await refusal(() => openWith({ ...source, kind: 'tarot' }, { architectures: [llama] }))).toBe(
      "bad-model: [tiny] it is a source of the kind 'tarot'; the weights of llama are read from hugging-face. " +
        'Fix: take the model in one of these forms.',
    );
    expect(await refusal(() => openModel(tinySource() as never))).toBe(
      'bad-argument: [openModel] source is a promise; it must be what openModelFolder gives. Fix: write await in front of it.',
    );
  });
});
