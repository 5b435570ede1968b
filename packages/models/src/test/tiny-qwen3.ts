// A Qwen 3 of a few thousand weights in memory, as a folder would hold it: heads of their own size, norms of queries and keys.
import type { ModelSource } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { type TinyChange, tinyFolder, tinyWeights } from './tiny-folder.ts';

export const tinyQwen3Config = {
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  vocab_size: 37,
  hidden_size: 20,
  intermediate_size: 28,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  hidden_act: 'silu',
  max_position_embeddings: 40,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  rope_scaling: null,
  tie_word_embeddings: true,
  attention_bias: false,
  use_sliding_window: false,
  sliding_window: null,
  max_window_layers: 2,
  layer_types: ['full_attention', 'full_attention'],
  bos_token_id: 1,
  eos_token_id: 2,
} as const;

/** The tensors that {@link tinyQwen3Config} asks for, of numbers that repeat from run to run. */
export function tinyQwen3State(): Map<string, HostTensor> {
  return tinyWeights(23, (add) => {
    add('model.embed_tokens.weight', 37, 20);
    for (const layer of [0, 1]) {
      const name = `model.layers.${layer}`;
      add(`${name}.input_layernorm.weight`, 20);
      add(`${name}.self_attn.q_proj.weight`, 32, 20);
      add(`${name}.self_attn.k_proj.weight`, 16, 20);
      add(`${name}.self_attn.v_proj.weight`, 16, 20);
      add(`${name}.self_attn.o_proj.weight`, 20, 32);
      add(`${name}.self_attn.q_norm.weight`, 8);
      add(`${name}.self_attn.k_norm.weight`, 8);
      add(`${name}.post_attention_layernorm.weight`, 20);
      add(`${name}.mlp.gate_proj.weight`, 28, 20);
      add(`${name}.mlp.up_proj.weight`, 28, 20);
      add(`${name}.mlp.down_proj.weight`, 20, 28);
    }
    add('model.norm.weight', 20);
  });
}

export const tinyQwen3Source = (change: TinyChange = {}): Promise<ModelSource> =>
  tinyFolder('tiny Qwen 3', tinyQwen3Config, tinyQwen3State(), change);
