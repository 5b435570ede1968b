// A decoder of a few thousand weights in memory, as a folder would hold it.
import type { ModelSource } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { type TinyChange, tinyFolder, tinyWeights } from './tiny-folder.ts';

export const tinyConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: 29,
  max_position_embeddings: 40,
  bos_token_id: 1,
  eos_token_id: 2,
} as const;

/** The tensors that {@link tinyConfig} asks for, of numbers that repeat from run to run. */
export function tinyState(): Map<string, HostTensor> {
  return tinyWeights(7, (add) => {
    add('model.embed_tokens.weight', 29, 16);
    for (const layer of [0, 1]) {
      const name = `model.layers.${layer}`;
      add(`${name}.input_layernorm.weight`, 16);
      add(`${name}.self_attn.q_proj.weight`, 16, 16);
      add(`${name}.self_attn.k_proj.weight`, 8, 16);
      add(`${name}.self_attn.v_proj.weight`, 8, 16);
      add(`${name}.self_attn.o_proj.weight`, 16, 16);
      add(`${name}.post_attention_layernorm.weight`, 16);
      add(`${name}.mlp.gate_proj.weight`, 24, 16);
      add(`${name}.mlp.up_proj.weight`, 24, 16);
      add(`${name}.mlp.down_proj.weight`, 16, 24);
    }
    add('model.norm.weight', 16);
    add('lm_head.weight', 29, 16);
  });
}

export const tinySource = (change: TinyChange = {}): Promise<ModelSource> =>
  tinyFolder('tiny', tinyConfig, tinyState(), change);
