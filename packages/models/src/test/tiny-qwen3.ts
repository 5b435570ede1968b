// A Qwen 3 of a few thousand weights in memory, as a folder would hold it: heads of their own size, norms of queries and keys.
import { memoryFiles, type ModelSource, openModelFolder, writeSafetensors } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import type { TinyChange } from './tiny-model.ts';

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
  let seed = 23;
  const next = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  const state = new Map<string, HostTensor>();
  const add = (name: string, ...shape: number[]): void => {
    const count = shape.reduce((product, size) => product * size, 1);
    state.set(`${name}.weight`, packDense(Float32Array.from({ length: count }, next), shape, 'f32'));
  };
  add('model.embed_tokens', 37, 20);
  for (const layer of [0, 1]) {
    const name = `model.layers.${layer}`;
    add(`${name}.input_layernorm`, 20);
    add(`${name}.self_attn.q_proj`, 32, 20);
    add(`${name}.self_attn.k_proj`, 16, 20);
    add(`${name}.self_attn.v_proj`, 16, 20);
    add(`${name}.self_attn.o_proj`, 20, 32);
    add(`${name}.self_attn.q_norm`, 8);
    add(`${name}.self_attn.k_norm`, 8);
    add(`${name}.post_attention_layernorm`, 20);
    add(`${name}.mlp.gate_proj`, 28, 20);
    add(`${name}.mlp.up_proj`, 28, 20);
    add(`${name}.mlp.down_proj`, 20, 28);
  }
  add('model.norm', 20);
  return state;
}

export function tinyQwen3Source({
  config = {},
  tensors = {},
  files = {},
}: TinyChange = {}): Promise<ModelSource> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const state = tinyQwen3State();
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor) state.set(name, tensor);
    else state.delete(name);
  }
  return openModelFolder(
    memoryFiles(
      new Map([
        ['config.json', bytes(JSON.stringify({ ...tinyQwen3Config, ...config }))],
        ['model.safetensors', writeSafetensors(state)],
        ...Object.entries(files).map(([name, text]) => [name, bytes(text)] as const),
      ]),
      'tiny Qwen 3',
    ),
  );
}
