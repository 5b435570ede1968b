import { shown } from '@tilewright/formats';
import { badModel, type ConfigFields } from '../config-fields.ts';
import { parseRope, type RopeScaling } from '../rope-fields.ts';

/**
 * The `config.json` of a Llama, by its published names, with the defaults of Hugging Face filled in.
 * Source: https://huggingface.co/docs/transformers/model_doc/llama, `LlamaConfig`.
 */
export interface LlamaConfig {
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
  /** Null for plain rotary embeddings. */
  readonly rope_scaling: RopeScaling | null;
  readonly tie_word_embeddings: boolean;
  readonly attention_bias: boolean;
  readonly mlp_bias: boolean;
}

/**
 * Reads a parsed `config.json`. Throws `bad-model` for a missing field, a wrong type or value, sizes that
 * contradict each other, and weights already quantized by another tool.
 */
export function parseLlamaConfig(fields: ConfigFields, subject: string): LlamaConfig {
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
  const hidden_act = fields.text('hidden_act', 'silu');
  if (hidden_act !== 'silu')
    throw badModel(
      subject,
      `hidden_act is ${shown(hidden_act)}`,
      "a Llama has 'silu'",
      'use a model with the standard activation',
    );
  const max_position_embeddings = fields.size('max_position_embeddings', 2048);
  return {
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
    tie_word_embeddings: fields.boolean('tie_word_embeddings', false),
    attention_bias: fields.boolean('attention_bias', false),
    mlp_bias: fields.boolean('mlp_bias', false),
  };
}

function inconsistent(subject: string, problem: string, requirement: string): Error {
  return badModel(subject, problem, requirement, 'compare the file with the one that was published');
}
