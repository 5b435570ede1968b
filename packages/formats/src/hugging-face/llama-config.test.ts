import { isTilewrightError } from '@tilewright/kernels';
import { describe, expect, it } from 'vitest';
import { parseGenerationConfig, type GenerationConfig } from './generation-config.ts';
import { parseLlamaConfig, type LlamaConfig } from './llama-config.ts';
import { parseObject } from './model-files.ts';

const smallest = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 256,
  intermediate_size: 688,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 512,
};

const parse = (fields: object): LlamaConfig =>
  parseLlamaConfig(parseObject(JSON.stringify({ ...smallest, ...fields }), 'config.json'));
const generation = (fields: object): GenerationConfig =>
  parseGenerationConfig(parseObject(JSON.stringify(fields), 'generation_config.json'));

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
const size = 'it must be a whole number from 1 to 16777216';

describe('parseLlamaConfig', () => {
  it('fills in the defaults of Hugging Face', () => {
    expect(parse({})).toEqual({
      architecture: 'LlamaForCausalLM',
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
      hidden_act: 'silu',
      tie_word_embeddings: false,
      attention_bias: false,
      mlp_bias: false,
      dtype: null,
      bos_token_id: [],
      eos_token_id: [],
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
    expect(newer).toEqual(older);
    expect(older).toMatchObject({
      num_key_value_heads: 8,
      head_dim: 64,
      rope_theta: 500_000,
      rope_scaling: scaling,
      dtype: 'bf16',
      bos_token_id: [128_000],
      eos_token_id: [128_001, 128_008, 128_009],
      tie_word_embeddings: true,
    });
  });

  it.each([
    [{ rope_scaling: null }, null],
    [{ rope_scaling: { type: 'default' } }, null],
    [{ rope_parameters: { rope_theta: 10_000 } }, null],
    [{ rope_scaling: { type: 'linear', factor: 2.5 } }, { rope_type: 'linear', factor: 2.5 }],
    [
      { rope_scaling: { type: 'dynamic', factor: 2 } },
      { rope_type: 'dynamic', factor: 2, original_max_position_embeddings: 2048 },
    ],
    [
      { rope_parameters: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 4096 } },
      {
        rope_type: 'yarn',
        factor: 4,
        original_max_position_embeddings: 4096,
        beta_fast: 32,
        beta_slow: 1,
        attention_factor: null,
      },
    ],
  ])('reads rope scaling %j', (fields, want) => {
    expect(parse(fields).rope_scaling).toEqual(want);
  });

  it.each([
    ['float32', 'f32'],
    ['torch.float16', 'f16'],
    ['bfloat16', 'bf16'],
    ['float8_e4m3fn', null],
    ['constructor', null],
    ['auto', null],
  ])('reads dtype %s as %s', (torch_dtype, want) => {
    expect(parse({ torch_dtype }).dtype).toBe(want);
  });

  it('takes null for absent, a head_dim of its own, and a model_type alone', () => {
    expect(parse({ num_key_value_heads: null, head_dim: null, eos_token_id: null })).toEqual(parse({}));
    expect(parse({ hidden_size: 250, head_dim: 32 }).head_dim).toBe(32);
    expect(parse({ architectures: null, model_type: 'llama' }).architecture).toBe('LlamaForCausalLM');
  });

  it.each([
    [
      { architectures: ['MambaForCausalLM'] },
      '[config.json] the architecture is "MambaForCausalLM"; supported: LlamaForCausalLM. Fix: choose a model of a supported architecture.',
    ],
    [
      { architectures: null, model_type: 'gpt2' },
      '[config.json] no architecture is named, and model_type is "gpt2"; supported: LlamaForCausalLM. Fix: choose a model of a supported architecture.',
    ],
    [
      { architectures: [{}, 3] },
      '[config.json] the architecture is an object, 3; supported: LlamaForCausalLM. Fix: choose a model of a supported architecture.',
    ],
    [
      { quantization_config: { bits: 4 } },
      '[config.json] quantization_config is present: the weights were compressed by another tool; dense weights are required. Fix: take the original model and compress it with @tilewright/quant.',
    ],
    [{ hidden_size: undefined }, `[config.json] hidden_size is missing; ${size}. ${published}`],
    [{ hidden_size: '256' }, `[config.json] hidden_size is "256"; ${size}. ${published}`],
    [{ num_hidden_layers: -1 }, `[config.json] num_hidden_layers is -1; ${size}. ${published}`],
    [{ num_hidden_layers: 1.5 }, `[config.json] num_hidden_layers is 1.5; ${size}. ${published}`],
    [{ vocab_size: 1e300 }, `[config.json] vocab_size is 1e+300; ${size}. ${published}`],
    [{ head_dim: 0 }, `[config.json] head_dim is 0; ${size}. ${published}`],
    [{ rms_norm_eps: 0 }, `[config.json] rms_norm_eps is 0; it must be a number above 0. ${published}`],
    [{ rope_theta: true }, `[config.json] rope_theta is true; it must be a number above 0. ${published}`],
    [
      { tie_word_embeddings: 'yes' },
      `[config.json] tie_word_embeddings is "yes"; it must be true or false. ${published}`,
    ],
    [{ hidden_act: 3 }, `[config.json] hidden_act is 3; it must be a text. ${published}`],
    [
      { eos_token_id: [1, -2] },
      `[config.json] eos_token_id is [1, -2]; it must be a token id (a whole number from 0) or a list of them. ${published}`,
    ],
    [
      { bos_token_id: 'x' },
      `[config.json] bos_token_id is "x"; it must be a token id (a whole number from 0) or a list of them. ${published}`,
    ],
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
      '[config.json] rope_type is "longrope"; the types known are default, linear, dynamic, llama3 and yarn. Fix: choose a model with one of these.',
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
      `[config.json] low_freq_factor is 4 and high_freq_factor is 4; the low one must be below the high one. ${published}`,
    ],
    [
      { rope_theta: 10_000, rope_parameters: { rope_theta: 500_000 } },
      '[config.json] rope_theta is 10000 and rope_parameters.rope_theta is 500000; both spellings must agree. Fix: remove the one that is wrong.',
    ],
  ])('refuses %j', (fields, message) => {
    expect(refusal(() => parse(fields))).toEqual(['bad-model', message]);
  });
});

describe('parseGenerationConfig', () => {
  it('reads what is said', () => {
    expect(
      generation({
        eos_token_id: [1, 2],
        bos_token_id: 0,
        do_sample: true,
        temperature: 0.6,
        top_k: 50,
        top_p: 0.9,
        max_new_tokens: 9,
      }),
    ).toEqual({
      eos_token_id: [1, 2],
      bos_token_id: [0],
      do_sample: true,
      temperature: 0.6,
      top_k: 50,
      top_p: 0.9,
      max_new_tokens: 9,
    });
  });

  it('says nothing where nothing is said, and reads zeros as "off"', () => {
    const nothing = {
      eos_token_id: [],
      bos_token_id: [],
      do_sample: false,
      temperature: null,
      top_k: null,
      top_p: null,
      max_new_tokens: null,
    };
    expect(generation({})).toEqual(nothing);
    expect(generation({ temperature: 0, top_k: 0 })).toEqual({ ...nothing, temperature: 0 });
  });

  it.each([
    [{ top_p: 1.5 }, `[generation_config.json] top_p is 1.5; a probability is at most 1. ${published}`],
    [
      { temperature: -1 },
      `[generation_config.json] temperature is -1; it must be a number above 0. ${published}`,
    ],
    [{ top_k: 2.5 }, `[generation_config.json] top_k is 2.5; ${size}. ${published}`],
    [{ do_sample: 1 }, `[generation_config.json] do_sample is 1; it must be true or false. ${published}`],
  ])('refuses %j', (fields, message) => {
    expect(refusal(() => generation(fields))).toEqual(['bad-model', message]);
  });
});
