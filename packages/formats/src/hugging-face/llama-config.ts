import type { DenseDType } from '@tilewright/kernels/layouts';
import { shown } from '../bad-file.ts';
import { isJsonObject, type JsonObject } from '../json/parse-json.ts';
import { badModel, configFields, type ConfigFields } from './config-fields.ts';
import { parseRope, type RopeScaling } from './rope.ts';

/**
 * The `config.json` of a Llama, by its published names, with the defaults of Hugging Face filled in.
 * Source: https://huggingface.co/docs/transformers/model_doc/llama, `LlamaConfig`.
 */
export interface LlamaConfig {
  readonly architecture: 'LlamaForCausalLM';
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  /** Default: `num_attention_heads`. Divides it. */
  readonly num_key_value_heads: number;
  /** Default: `hidden_size / num_attention_heads`. Even. */
  readonly head_dim: number;
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  readonly rope_theta: number;
  /** Null for plain rotary embeddings. Parsed whether or not a model can run it: whoever runs it says so. */
  readonly rope_scaling: RopeScaling | null;
  readonly hidden_act: string;
  readonly tie_word_embeddings: boolean;
  readonly attention_bias: boolean;
  readonly mlp_bias: boolean;
  /**
   * What the config says the weights are stored as (`torch_dtype` or `dtype`); the weights themselves are the
   * truth.
   */
  readonly dtype: DenseDType | null;
  /** Empty where the config names none. */
  readonly bos_token_id: readonly number[];
  readonly eos_token_id: readonly number[];
}

const architectures: readonly string[] = ['LlamaForCausalLM'];
const dtypes: Readonly<Record<string, DenseDType>> = {
  float32: 'f32',
  float16: 'f16',
  bfloat16: 'bf16',
  float64: 'f64',
};

/**
 * Reads a parsed `config.json`. Throws `bad-model` for an unknown architecture, a missing field, a wrong type
 * or value, sizes that contradict each other, and weights already quantized by another tool.
 */
export function parseLlamaConfig(config: JsonObject, subject = 'config.json'): LlamaConfig {
  const fields = configFields(config, subject);
  checkArchitecture(fields, subject);
  if (fields.get('quantization_config') !== undefined) {
    throw badModel(
      subject,
      'quantization_config is present: the weights were compressed by another tool',
      'dense weights are required',
      'take the original model and compress it with @tilewright/quant',
    );
  }
  const hidden_size = fields.size('hidden_size');
  const num_attention_heads = fields.size('num_attention_heads');
  const num_key_value_heads = fields.size('num_key_value_heads', num_attention_heads);
  if (num_attention_heads % num_key_value_heads !== 0) {
    throw inconsistent(
      subject,
      `num_attention_heads is ${num_attention_heads} and num_key_value_heads is ${num_key_value_heads}`,
      'the first must be a multiple of the second',
    );
  }
  if (fields.get('head_dim') === undefined && hidden_size % num_attention_heads !== 0) {
    throw inconsistent(
      subject,
      `hidden_size is ${hidden_size} and num_attention_heads is ${num_attention_heads}`,
      'without head_dim the first must be a multiple of the second',
    );
  }
  const head_dim = fields.size('head_dim', hidden_size / num_attention_heads);
  if (head_dim % 2 !== 0)
    throw inconsistent(
      subject,
      `head_dim is ${head_dim}`,
      'rotary embeddings turn pairs, so it must be even',
    );
  const max_position_embeddings = fields.size('max_position_embeddings', 2048);
  return {
    architecture: 'LlamaForCausalLM',
    hidden_size,
    intermediate_size: fields.size('intermediate_size'),
    num_hidden_layers: fields.size('num_hidden_layers'),
    num_attention_heads,
    num_key_value_heads,
    head_dim,
    vocab_size: fields.size('vocab_size'),
    max_position_embeddings,
    rms_norm_eps: fields.positive('rms_norm_eps', 1e-6),
    ...parseRope(fields, subject, max_position_embeddings),
    hidden_act: fields.text('hidden_act', 'silu'),
    tie_word_embeddings: fields.boolean('tie_word_embeddings', false),
    attention_bias: fields.boolean('attention_bias', false),
    mlp_bias: fields.boolean('mlp_bias', false),
    dtype: parseDtype(fields),
    bos_token_id: fields.tokenIds('bos_token_id'),
    eos_token_id: fields.tokenIds('eos_token_id'),
  };
}

function checkArchitecture(fields: ConfigFields, subject: string): void {
  const named = fields.get('architectures');
  const names: readonly unknown[] = Array.isArray(named) ? named : named === undefined ? [] : [named];
  if (names.some((name) => typeof name === 'string' && architectures.includes(name))) return;
  if (names.length === 0 && fields.get('model_type') === 'llama') return;
  const problem =
    names.length > 0
      ? `the architecture is ${names
          .slice(0, 4)
          .map((name) => (isJsonObject(name as never) ? 'an object' : shown(name)))
          .join(', ')}`
      : `no architecture is named, and model_type is ${shown(fields.get('model_type'))}`;
  throw badModel(
    subject,
    problem,
    `supported: ${architectures.join(', ')}`,
    'choose a model of a supported architecture',
  );
}

function inconsistent(subject: string, problem: string, requirement: string): Error {
  return badModel(subject, problem, requirement, 'compare the file with the one that was published');
}

function parseDtype(fields: ConfigFields): DenseDType | null {
  const name = fields.text('dtype', fields.text('torch_dtype', 'auto')).replace(/^torch\./, '');
  return Object.hasOwn(dtypes, name) ? (dtypes[name] ?? null) : null;
}
