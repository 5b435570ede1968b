import { activations } from '../../blocks/activation.ts';
import { type ConfigFields, refuseQuantized } from '../config-fields.ts';

/**
 * The `config.json` of a BERT, by its published names, with the defaults of Hugging Face filled in.
 * Source: https://huggingface.co/docs/transformers/model_doc/bert, `BertConfig`.
 */
export interface BertConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  /** Divides `hidden_size`. */
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  /** One of {@link activations}. */
  readonly hidden_act: string;
  readonly max_position_embeddings: number;
  readonly type_vocab_size: number;
  readonly layer_norm_eps: number;
}

/**
 * Reads the fields. Throws `bad-model` for a missing field, a wrong type or value, sizes that contradict each other, weights
 * already quantized by another tool, and what makes another model of it: relative positions, a decoder.
 */
export function parseBertConfig(fields: ConfigFields): BertConfig {
  const refuse = (field: string, requirement: string, fix: string): never =>
    fields.refuse({ [field]: fields.get(field) }, requirement, fix);
  refuseQuantized(fields);
  if (fields.text('position_embedding_type', 'absolute') !== 'absolute')
    refuse(
      'position_embedding_type',
      "this architecture has 'absolute'",
      'choose a model with learned positions',
    );
  for (const name of ['is_decoder', 'add_cross_attention'])
    if (fields.boolean(name, false))
      refuse(name, 'this architecture is an encoder', 'choose a model in which every token sees every other');
  const hidden_act = fields.text('hidden_act', 'gelu');
  if (!Object.hasOwn(activations, hidden_act))
    refuse(
      'hidden_act',
      `known are ${Object.keys(activations).join(', ')}`,
      'choose a model with one of these',
    );
  const hidden_size = fields.size('hidden_size', 768);
  const num_attention_heads = fields.size('num_attention_heads', 12);
  if (hidden_size % num_attention_heads !== 0)
    fields.refuse({ hidden_size, num_attention_heads }, 'the first must be a multiple of the second');
  return {
    vocab_size: fields.size('vocab_size', 30_522),
    hidden_size,
    num_hidden_layers: fields.layers('num_hidden_layers', 12),
    num_attention_heads,
    intermediate_size: fields.size('intermediate_size', 3072),
    hidden_act,
    max_position_embeddings: fields.size('max_position_embeddings', 512),
    type_vocab_size: fields.size('type_vocab_size', 2),
    layer_norm_eps: fields.positive('layer_norm_eps', 1e-12),
  };
}
