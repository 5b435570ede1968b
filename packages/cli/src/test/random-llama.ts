// A Llama folder that is not ours to shape: other sizes, untied embeddings, bf16 in shards, no tokenizer.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shardedSafetensorsParts } from '@tilewright/formats';
import type { HostTensor, StateDict } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';

export interface RandomConfig {
  readonly architectures: readonly string[];
  readonly model_type: string;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  readonly rope_theta: number;
  readonly hidden_act: string;
  readonly tie_word_embeddings: boolean;
  readonly torch_dtype: string;
  readonly bos_token_id: number;
  readonly eos_token_id: number;
}

export const randomConfig: RandomConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 192,
  intermediate_size: 352,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  num_key_value_heads: 1,
  head_dim: 64,
  vocab_size: 331,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-6,
  rope_theta: 500_000,
  hidden_act: 'silu',
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  bos_token_id: 1,
  eos_token_id: 2,
};

/** Numbers that repeat from run to run, between -1 and 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function randomState(config: RandomConfig = randomConfig): StateDict {
  const next = randomNumbers(17);
  const state = new Map<string, HostTensor>();
  const add = (name: string, shape: readonly number[], spread: number, middle = 0): void => {
    const values = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => middle + spread * next(),
    );
    state.set(name, packDense(values, shape, 'bf16'));
  };
  const { hidden_size: hidden, intermediate_size: inner, vocab_size: vocab, head_dim: head } = config;
  const [queries, keys] = [config.num_attention_heads * head, config.num_key_value_heads * head];
  add('model.embed_tokens.weight', [vocab, hidden], 1);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const name = (part: string): string => `model.layers.${layer}.${part}.weight`;
    add(name('input_layernorm'), [hidden], 0.3, 1);
    add(name('self_attn.q_proj'), [queries, hidden], 0.15);
    add(name('self_attn.k_proj'), [keys, hidden], 0.15);
    add(name('self_attn.v_proj'), [keys, hidden], 0.15);
    add(name('self_attn.o_proj'), [hidden, queries], 0.1);
    add(name('post_attention_layernorm'), [hidden], 0.3, 1);
    add(name('mlp.gate_proj'), [inner, hidden], 0.15);
    add(name('mlp.up_proj'), [inner, hidden], 0.15);
    add(name('mlp.down_proj'), [hidden, inner], 0.1);
  }
  add('model.norm.weight', [hidden], 0.3, 1);
  add('lm_head.weight', [vocab, hidden], 0.2);
  return state;
}

/** Writes the folder with other `sizes`; `config` may spoil the config, `without` leave files out. */
export function writeRandomLlama(
  folder: string,
  change: {
    readonly sizes?: Partial<RandomConfig>;
    readonly config?: object;
    readonly without?: (file: string) => boolean;
    /** Changes the weights before they are written. */
    readonly weights?: (state: Map<string, HostTensor>) => void;
  } = {},
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...randomConfig, ...change.sizes, ...change.config }),
  );
  const state = new Map(randomState({ ...randomConfig, ...change.sizes }));
  change.weights?.(state);
  for (const [name, parts] of shardedSafetensorsParts(state, 400_000))
    if (!change.without?.(name)) writeFileSync(join(folder, name), Buffer.concat(parts));
}
