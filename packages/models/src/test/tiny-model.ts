// A decoder of a few thousand weights in memory, as a folder would hold it.
import { memoryFiles, type ModelSource, openModelFolder, writeSafetensors } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';

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
  let seed = 7;
  const next = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  const state = new Map<string, HostTensor>();
  const add = (name: string, ...shape: number[]): void => {
    const count = shape.reduce((product, size) => product * size, 1);
    state.set(name, packDense(Float32Array.from({ length: count }, next), shape, 'f32'));
  };
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
  return state;
}

/** What differs from the tiny model: fields of its config, tensors (undefined takes one out), further files. */
export interface TinyChange {
  readonly config?: object;
  readonly tensors?: Readonly<Record<string, HostTensor | undefined>>;
  readonly files?: Readonly<Record<string, string>>;
}

export function tinySource({ config = {}, tensors = {}, files = {} }: TinyChange = {}): Promise<ModelSource> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const state = tinyState();
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor) state.set(name, tensor);
    else state.delete(name);
  }
  return openModelFolder(
    memoryFiles(
      new Map([
        ['config.json', bytes(JSON.stringify({ ...tinyConfig, ...config }))],
        ['model.safetensors', writeSafetensors(state)],
        ...Object.entries(files).map(([name, text]) => [name, bytes(text)] as const),
      ]),
      'tiny',
    ),
  );
}
