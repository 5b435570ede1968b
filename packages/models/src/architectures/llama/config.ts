import type { ReadParts } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import { type DecoderConfig, parseDecoderConfig } from '../decoder-config.ts';

/**
 * The `config.json` of a Llama, by its published names, with the defaults of Hugging Face filled in.
 * Source: https://huggingface.co/docs/transformers/model_doc/llama, `LlamaConfig`.
 */
export interface LlamaConfig extends DecoderConfig {
  readonly attention_bias: boolean;
  readonly mlp_bias: boolean;
}

/** Throws `bad-model` as {@link parseDecoderConfig}. */
export function parseLlamaConfig(fields: ConfigFields, parts?: ReadParts): LlamaConfig {
  return {
    ...parseDecoderConfig(
      fields,
      {
        max_position_embeddings: 2048,
        rms_norm_eps: 1e-6,
      },
      parts,
    ),
    attention_bias: fields.boolean('attention_bias', false),
    mlp_bias: fields.boolean('mlp_bias', false),
  };
}
