// What the configs of decoders with rotary positions, grouped queries and gated MLPs have in common.
import type { Axis, ReadParts } from './architecture.ts';
import { type ConfigFields, refuseQuantized } from './config-fields.ts';
import { parseRope, type PartialRotary, type Rope } from './rope-fields.ts';

/** Sizes and constants by their published names, with the defaults of Hugging Face filled in. */
export interface DecoderConfig extends Rope {
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
  readonly tie_word_embeddings: boolean;
}

/** What an architecture takes where its configs say nothing. */
export interface DecoderDefaults {
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  /** Default `hidden_size / num_attention_heads`. */
  readonly head_dim?: number;
  /** Default: heads turn in whole, and others are refused. */
  readonly partialRotary?: PartialRotary;
}

/**
 * Reads the fields. Throws `bad-model` for a missing field, a wrong type or value, sizes that contradict each other, and
 * weights already quantized by another tool.
 */
export function parseDecoderConfig(
  fields: ConfigFields,
  defaults: DecoderDefaults,
  { ropeScalings }: ReadParts = {},
): DecoderConfig {
  refuseQuantized(fields);
  const activation = fields.text('hidden_act', 'silu');
  // Two names of one function.
  if (activation !== 'silu' && activation !== 'swish') {
    fields.refuse(
      { hidden_act: activation },
      "this architecture has 'silu'",
      'use a model with the standard activation',
    );
  }
  const max_position_embeddings = fields.size('max_position_embeddings', defaults.max_position_embeddings);
  return {
    hidden_size: fields.size('hidden_size'),
    intermediate_size: fields.size('intermediate_size'),
    num_hidden_layers: fields.layers('num_hidden_layers'),
    ...parseHeads(fields, defaults),
    vocab_size: fields.size('vocab_size'),
    max_position_embeddings,
    rms_norm_eps: fields.positive('rms_norm_eps', defaults.rms_norm_eps),
    ...parseRope(fields, max_position_embeddings, ropeScalings, defaults.partialRotary),
    tie_word_embeddings: fields.boolean('tie_word_embeddings', false),
  };
}

function parseHeads(
  fields: ConfigFields,
  defaults: DecoderDefaults,
): Pick<DecoderConfig, 'num_attention_heads' | 'num_key_value_heads' | 'head_dim'> {
  const hidden = fields.size('hidden_size');
  const heads = fields.size('num_attention_heads');
  const keys = fields.size('num_key_value_heads', heads);
  if (heads % keys !== 0) {
    fields.refuse(
      { num_attention_heads: heads, num_key_value_heads: keys },
      'the first must be a multiple of the second',
    );
  }
  if (fields.get('head_dim') === undefined && defaults.head_dim === undefined && hidden % heads !== 0) {
    fields.refuse(
      { hidden_size: hidden, num_attention_heads: heads },
      'without head_dim the first must be a multiple of the second',
    );
  }
  const head_dim = fields.size('head_dim', defaults.head_dim ?? hidden / heads);
  if (head_dim % 2 !== 0) fields.refuse({ head_dim }, 'rotary embeddings turn pairs, so it must be even');
  return { num_attention_heads: heads, num_key_value_heads: keys, head_dim };
}

/** The positions that a decoder was made for. */
export const contextOf = ({ max_position_embeddings: size }: DecoderConfig): Axis => ({
  size,
  from: 'max_position_embeddings',
});
