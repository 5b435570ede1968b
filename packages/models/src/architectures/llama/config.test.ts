import { type JsonObject, parseJson } from '@tilewright/formats';
import { isTilewrightError } from '@tilewright/kernels';
import { describe, expect, it } from 'vitest';
import type { ReadParts } from '../architecture.ts';
import { configFields } from '../config-fields.ts';
import { ropeScalings } from '../rope-scalings/registry.ts';
import { parseLlamaConfig, type LlamaConfig } from './config.ts';
import { llama } from './index.ts';

const smallest = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 256,
  intermediate_size: 688,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 512,
};

const json = (fields: object): JsonObject =>
  parseJson(JSON.stringify({ ...smallest, ...fields }), {
    subject: 'config.json',
    part: 'the file',
    maxDepth: 8,
  }) as JsonObject;
const parse = (fields: object, parts: ReadParts = { ropeScalings }): LlamaConfig =>
  parseLlamaConfig(configFields(json(fields), 'config.json'), parts);

function refusal(work: () => unknown): readonly [code: string, message: string] {
  try {
    work();
  } catch (error) {
    if (isTilewrightError(error)) return [error.code, error.message];
    throw error;
  }
  throw new Error('nothing was refused');
}

const published = 'Fix: compare the file with the one that was published.';
const handed =
  'Fix: hand openModel what reads it in ropeScalings (dynamicScaling, yarnScaling), or choose a model with one of these.';
const layers = 'it must be a whole number from 1 to 1000';
const size = 'it must be a whole number from 1 to 16777216';

describe('parseLlamaConfig', () => {
  it('fills in the defaults of Hugging Face', () => {
    expect(parse({})).toEqual({
      hidden_size: 256,
      intermediate_size: 688,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 4,
      head_dim: 64,
      vocab_size: 512,
      max_position_embeddings: 2048,
      rms_norm_eps: 1e-6,
      rope_theta: 10_000,
      rope_scaling: null,
      tie_word_embeddings: false,
      attention_bias: false,
      mlp_bias: false,
    });
  });

  it('reads a config of the Llama 3.2 kind, in the older and in the newer spelling', () => {
    const shared = {
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 16,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 64,
      vocab_size: 128_256,
      max_position_embeddings: 131_072,
      rms_norm_eps: 1e-5,
      tie_word_embeddings: true,
      bos_token_id: 128_000,
      eos_token_id: [128_001, 128_008, 128_009],
      pretraining_tp: 1,
      use_cache: true,
      model_type: 'llama',
    };
    const scaling = {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    };
    const older = parse({ ...shared, torch_dtype: 'bfloat16', rope_theta: 500_000, rope_scaling: scaling });
    const newer = parse({
      ...shared,
      dtype: 'bfloat16',
      rope_parameters: { ...scaling, rope_theta: 500_000 },
    });
    expect(JSON.stringify(newer)).toBe(JSON.stringify(older));
    expect(older).toMatchObject({
      num_key_value_heads: 8,
      head_dim: 64,
      rope_theta: 500_000,
      rope_scaling: scaling,
      tie_word_embeddings: true,
    });
  });

  it.each([
    [{ rope_scaling: null }, null],
    [{ rope_scaling: { type: 'default' } }, null],
    [{ rope_parameters: { rope_theta: 10_000 } }, null],
    [{ rope_scaling: { type: 'linear', factor: 2.5 } }, { rope_type: 'linear', factor: 2.5 }],
    [{ rope_scaling: { type: 'dynamic', factor: 2 } }, { rope_type: 'dynamic', factor: 2 }],
    [
      { rope_parameters: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 4096 } },
      {
        rope_type: 'yarn',
        factor: 4,
        original_max_position_embeddings: 4096,
        beta_fast: 32,
        beta_slow: 1,
        truncate: true,
        attention_factor: null,
        mscale: 0,
        mscale_all_dim: 0,
      },
    ],
    [
      {
        rope_scaling: {
          type: 'yarn',
          rope_type: 'yarn',
          factor: 40,
          beta_fast: 16,
          beta_slow: 2,
          truncate: false,
          mscale: 0.7,
          mscale_all_dim: 0.5,
        },
      },
      {
        rope_type: 'yarn',
        factor: 40,
        original_max_position_embeddings: 2048,
        beta_fast: 16,
        beta_slow: 2,
        truncate: false,
        attention_factor: null,
        mscale: 0.7,
        mscale_all_dim: 0.5,
      },
    ],
  ])('reads rope scaling %j', (fields, want) => {
    const { rope_scaling } = parse(fields);
    expect(rope_scaling && JSON.parse(JSON.stringify(rope_scaling))).toEqual(want);
  });

  it('takes null for absent, a head_dim of its own, and a model_type alone', () => {
    expect(parse({ num_key_value_heads: null, head_dim: null, eos_token_id: null })).toEqual(parse({}));
    expect(parse({ hidden_size: 250, head_dim: 32 }).head_dim).toBe(32);
    expect(llama.claims(json({ architectures: null, model_type: 'llama' }))).toBe(true);
    expect(llama.claims(json({ architectures: null, model_type: 'gpt2' }))).toBe(false);
    expect(llama.claims(json({ architectures: ['MambaForCausalLM'], model_type: 'llama' }))).toBe(false);
  });

  it.each([
    [
      { quantization_config: { bits: 4 } },
      '[config.json] quantization_config is an object; the weights were compressed by another tool, which nothing here reads. Fix: hand openModel checkpoints of @tilewright/formats/checkpoints, or take the original model.',
    ],
    [{ hidden_size: undefined }, `[config.json] hidden_size is missing; ${size}. ${published}`],
    [{ hidden_size: '256' }, `[config.json] hidden_size is "256"; ${size}. ${published}`],
    [{ num_hidden_layers: -1 }, `[config.json] num_hidden_layers is -1; ${layers}. ${published}`],
    [{ num_hidden_layers: 1.5 }, `[config.json] num_hidden_layers is 1.5; ${layers}. ${published}`],
    [{ num_hidden_layers: 2 ** 24 }, `[config.json] num_hidden_layers is 16777216; ${layers}. ${published}`],
    [{ vocab_size: 1e300 }, `[config.json] vocab_size is 1e+300; ${size}. ${published}`],
    [{ head_dim: 0 }, `[config.json] head_dim is 0; ${size}. ${published}`],
    [{ rms_norm_eps: 0 }, `[config.json] rms_norm_eps is 0; it must be a number above 0. ${published}`],
    [{ rope_theta: true }, `[config.json] rope_theta is true; it must be a number above 0. ${published}`],
    [
      { tie_word_embeddings: 'yes' },
      `[config.json] tie_word_embeddings is "yes"; it must be true or false. ${published}`,
    ],
    [
      { hidden_act: 'quantum_relu' },
      `[config.json] hidden_act is "quantum_relu"; this architecture has 'silu'. Fix: use a model with the standard activation.`,
    ],
    [{ hidden_act: 3 }, `[config.json] hidden_act is 3; it must be a text. ${published}`],
    [
      { num_key_value_heads: 3 },
      `[config.json] num_attention_heads is 4 and num_key_value_heads is 3; the first must be a multiple of the second. ${published}`,
    ],
    [
      { hidden_size: 250 },
      `[config.json] hidden_size is 250 and num_attention_heads is 4; without head_dim the first must be a multiple of the second. ${published}`,
    ],
    [
      { head_dim: 33 },
      `[config.json] head_dim is 33; rotary embeddings turn pairs, so it must be even. ${published}`,
    ],
    [
      { partial_rotary_factor: 0.5 },
      '[config.json] partial_rotary_factor is 0.5; all of a head is rotated in the supported models. Fix: choose a model without it.',
    ],
    [
      { rope_scaling: 'linear' },
      `[config.json] rope_scaling is "linear"; it must be an object. ${published}`,
    ],
    [
      { rope_scaling: { type: 'linear' } },
      `[config.json] rope_scaling.factor is missing; it must be a number above 0. ${published}`,
    ],
    [
      { rope_parameters: { rope_type: 'longrope' } },
      `[config.json] rope_parameters.rope_type is "longrope"; the types known are default, linear, llama3, dynamic, yarn. ${handed}`,
    ],
    [
      {
        rope_scaling: {
          rope_type: 'llama3',
          factor: 8,
          low_freq_factor: 4,
          high_freq_factor: 4,
          original_max_position_embeddings: 8,
        },
      },
      `[config.json] rope_scaling.low_freq_factor is 4 and rope_scaling.high_freq_factor is 4; the low one must be below the high one. ${published}`,
    ],
    [
      { rope_theta: 10_000, rope_parameters: { rope_theta: 500_000 } },
      '[config.json] rope_theta is 10000 and rope_parameters.rope_theta is 500000; they are two spellings of the same. Fix: remove the one that is wrong.',
    ],
    [
      { rope_parameters: { partial_rotary_factor: 0.25 } },
      '[config.json] partial_rotary_factor is 0.25; all of a head is rotated in the supported models. Fix: choose a model without it.',
    ],
    [
      { rope_scaling: { rope_type: 'linear', factor: 2, strength: 3 } },
      '[config.json] rope_scaling.strength is 3; the fields known here are factor, rope_type, type, and what it changes would be left out. Fix: choose a model without it.',
    ],
    [
      { rope_scaling: { type: 'mrope', rope_type: 'default' } },
      '[config.json] rope_scaling.rope_type is "default" and rope_scaling.type is "mrope"; they are two spellings of the same. Fix: remove the one that is wrong.',
    ],
    [
      { rope_scaling: { type: 'linear', factor: 2 }, rope_parameters: { rope_type: 'linear', factor: 2 } },
      '[config.json] rope_parameters is an object and rope_scaling is an object; they are two spellings of the same. Fix: remove the older one, rope_scaling.',
    ],
    [
      { rope_scaling: { type: 'dynamic', factor: 2, original_max_position_embeddings: 64 } },
      '[config.json] rope_scaling.rope_type is "dynamic" and rope_scaling.original_max_position_embeddings is 64; it grows beyond max_position_embeddings, 2048, and nothing else. Fix: remove original_max_position_embeddings.',
    ],
  ])('refuses %j', (fields, message) => {
    expect(refusal(() => parse(fields))).toEqual(['bad-model', message]);
  });
});

it.each(['yarn', 'dynamic'])('names what reads %s where it was not handed over', (type) => {
  expect(refusal(() => parse({ rope_scaling: { type, factor: 2 } }, {}))).toEqual([
    'bad-model',
    `[config.json] rope_scaling.rope_type is "${type}"; the types known are default, linear, llama3. ${handed}`,
  ]);
});

it.each([
  [{ alibi: true }, 'alibi is true', 'false, 0, null'],
  [{ qk_layernorm: true }, 'qk_layernorm is true', 'false, 0, null'],
  [{ use_qk_norm: true }, 'use_qk_norm is true', 'false, 0, null'],
  [{ num_local_experts: 8 }, 'num_local_experts is 8', 'false, 0, null'],
  [{ q_lora_rank: 1 }, 'q_lora_rank is 1', 'false, 0, null'],
  [{ attention_chunk_size: 64 }, 'attention_chunk_size is 64', 'false, 0, null'],
  [{ use_bidirectional_attention: true }, 'use_bidirectional_attention is true', 'false, 0, null'],
  [{ scale_attn_by_inverse_layer_idx: true }, 'scale_attn_by_inverse_layer_idx is true', 'false, 0, null'],
  [{ residual_multiplier: 0.22 }, 'residual_multiplier is 0.22', '1, false, null'],
  [{ logits_scaling: 0 }, 'logits_scaling is 0', '1, false, null'],
  [{ scale_emb: 12 }, 'scale_emb is 12', '1, false, null'],
  [{ scale_depth: 1.4 }, 'scale_depth is 1.4', 'null'],
  [{ scale_depth: 1 }, 'scale_depth is 1', 'null'],
  [{ attn_logit_softcapping: 1 }, 'attn_logit_softcapping is 1', 'null'],
  [{ final_logit_softcapping: 0 }, 'final_logit_softcapping is 0', 'null'],
  [{ attention_multiplier: 1 }, 'attention_multiplier is 1', 'null'],
  [{ query_pre_attn_scalar: 1 }, 'query_pre_attn_scalar is 1', 'null'],
  [{ clip_qkv: 1 }, 'clip_qkv is 1', 'null'],
])('refuses %j, by which other architectures change their numbers', (fields, said, neutral) => {
  expect(refusal(() => llama.read(json(fields), 'config.json'))).toEqual([
    'bad-model',
    `[config.json] ${said}; what it changes would be left out: only ${neutral} would do. Fix: choose a model without it.`,
  ]);
});

it('takes them where they change nothing', () => {
  const neutral = {
    alibi: false,
    num_local_experts: 0,
    logit_scale: 1,
    embedding_multiplier: 1,
    attn_logit_softcapping: null,
    dropout: 0.1,
    output_hidden_states: true,
  };
  expect(llama.read(json(neutral), 'config.json').warnings).toEqual([
    'config.json has alibi, num_local_experts, logit_scale, embedding_multiplier, which this architecture does not use',
  ]);
});

it('names fields that it does not use', () => {
  const { warnings } = llama.read(json({ sliding_window: 4, use_cache: true, no_bias: null }), 'config.json');
  expect(warnings).toEqual(['config.json has sliding_window, which this architecture does not use']);
  expect(llama.read(json({}), 'config.json').warnings).toEqual([]);
});

it.each([
  [
    { type: 'linear', factor: 0.5 },
    ['rope_scaling.factor is 0.5, which stretches nothing: below 1 it shrinks'],
  ],
  [
    { type: 'yarn', factor: 2, original_max_position_embeddings: 4096 },
    ['rope_scaling.original_max_position_embeddings is 4096, beyond max_position_embeddings, which is 2048'],
  ],
  [{ type: 'linear', factor: 1 }, []],
])('warns of a context that %j makes no longer', (rope_scaling, sentences) => {
  const { warnings } = llama.read(json({ rope_scaling }), 'config.json', { ropeScalings });
  expect(warnings).toEqual(sentences.map((sentence) => `config.json: ${sentence}`));
});
