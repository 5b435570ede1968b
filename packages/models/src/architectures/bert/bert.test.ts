import type { HostTensor } from '@tilewright/kernels';
import { isTilewrightError } from '@tilewright/kernels';
import { unpackDense } from '@tilewright/kernels/weights/dense';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { openModel, type OpenedModel, type OpenModelOptions } from '../../open-model.ts';
import type { EmbeddingTasks } from '../../tasks/embedding-tasks.ts';
import type { PreparedModel } from '../../tasks/language-model.ts';
import { tinyBertSource, tinyBertState } from '../../test/tiny-bert.ts';
import type { TinyChange } from '../../test/tiny-folder.ts';
import { bert } from './index.ts';

const open = async (change: TinyChange = {}, options: Partial<OpenModelOptions<EmbeddingTasks>> = {}) =>
  openModel(await tinyBertSource(change), { architectures: [bert], ...options });

async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
}

/** The tensors of the tiny model under other names. */
function renamed(rename: (name: string) => string): Record<string, HostTensor | undefined> {
  const state = [...tinyBertState()];
  return Object.fromEntries([
    ...state.map(([name]) => [name, undefined] as const),
    ...state.map(([name, tensor]) => [rename(name), tensor] as const),
  ]);
}

test('a model that embeds, and does not write', async () => {
  const opened = await open();
  expectTypeOf(opened).toEqualTypeOf<OpenedModel<EmbeddingTasks>>();
  expectTypeOf(opened).not.toExtend<PreparedModel>();
  expect(opened.architecture).toBe('bert');
  expect(Object.keys(opened.model.tasks)).toEqual(['vocabulary', 'tokenTypes', 'positions', 'embed', 'pool']);
  expect(opened.model.blocks.length).toBe(2);
});

test('names with a prefix, and those of files that came from TensorFlow', async () => {
  const want = tinyBertState().get('encoder.layer.1.output.LayerNorm.weight')!;
  for (const rename of [
    (name: string) => `bert.${name}`,
    (name: string) =>
      name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
  ]) {
    const { weights } = await open({ tensors: renamed(rename) }, { strict: true });
    const got = weights.get('encoder.layer.1.output.LayerNorm.weight')!;
    expect([...unpackDense(got)]).toEqual([...unpackDense(want)]);
  }
});

test('what is left out is said: heads, and fields that nothing reads', async () => {
  const warnings: string[] = [];
  const tensors = { 'cls.predictions.bias': tinyBertState().get('encoder.layer.0.output.dense.bias')! };
  const config = { architectures: ['BertForMaskedLM'], id2label: { 0: 'A' }, classifier_dropout: null };
  await open({ config, tensors }, { onWarning: (warning) => warnings.push(warning) });
  expect(warnings).toEqual([
    'config.json has id2label, which this architecture does not use',
    '1 tensor is not used by the model that config.json describes: "cls.predictions.bias"',
  ]);
});

describe('refused', () => {
  const published = 'Fix: compare the file with the one that was published.';
  test.each<[TinyChange, string]>([
    [
      { config: { position_embedding_type: 'relative_key' } },
      'bad-model: [config.json] position_embedding_type is "relative_key"; this architecture has \'absolute\'. ' +
        'Fix: choose a model with learned positions.',
    ],
    [
      { config: { is_decoder: true } },
      'bad-model: [config.json] is_decoder is true; this architecture is an encoder. ' +
        'Fix: choose a model in which every token sees every other.',
    ],
    [
      { config: { hidden_act: 'silu' } },
      'bad-model: [config.json] hidden_act is "silu"; known are gelu, gelu_python, gelu_new, gelu_fast, gelu_pytorch_tanh, ' +
        'relu. Fix: choose a model with one of these.',
    ],
    [
      { config: { num_attention_heads: 3 } },
      'bad-model: [config.json] hidden_size is 20 and num_attention_heads is 3; the first must be a multiple of the second. ' +
        published,
    ],
    [
      { config: { layer_norm_eps: 0 } },
      `bad-model: [config.json] layer_norm_eps is 0; it must be a number above 0. ${published}`,
    ],
    [
      { config: { quantization_config: {} } },
      'bad-model: [config.json] quantization_config is an object; the weights were compressed by another tool, which nothing ' +
        'here reads. Fix: hand openModel checkpoints of @tilewright/formats/checkpoints, or take the original model.',
    ],
    [
      { config: { num_hidden_layers: 3 } },
      'bad-model: [encoder.layer.2.attention.self.query.weight] this tensor is not among the weights; config.json asks for it ' +
        '(num_hidden_layers is 3), of shape [20, 20]. Fix: check that the weight files are complete and belong to config.json.',
    ],
    [
      { config: { type_vocab_size: 1 } },
      'bad-model: [embeddings.token_type_embeddings.weight] the tensor has shape [2, 20]; config.json makes it [1, 20]: ' +
        'type_vocab_size is 1. Fix: check that config.json belongs to these weights.',
    ],
    [
      { config: { architectures: ['BertLMHeadModel'] } },
      'bad-model: [config.json] the architecture is "BertLMHeadModel" and model_type "bert"; supported: BertModel, ' +
        'BertForMaskedLM, BertForPreTraining. Fix: choose a model of a supported architecture, or hand openModel one that claims it.',
    ],
  ])('%j', async (change, message) => {
    expect(await refusal(() => open(change))).toBe(message);
  });

  test('room that the model was not made for, and a cache', async () => {
    expect(await refusal(() => open({}, { maxTokens: 25 }))).toBe(
      'bad-argument: [maxTokens] 25 tokens were asked for; the model was made for 24 (max_position_embeddings). ' +
        'Fix: ask for fewer.',
    );
    expect(await refusal(() => open({}, { capacity: 8 }))).toBe(
      'bad-argument: [openModel] capacity is 8; an encoder reads a text at once and has no cache. ' +
        'Fix: leave it out; maxTokens bounds a text.',
    );
  });
});
