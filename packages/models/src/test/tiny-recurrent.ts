// Models of a few thousand weights whose mixers are recurrences, as folders would hold them, and what each is in f64.
import type { ModelSource } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import type { Architecture } from '../architectures/architecture.ts';
import { gatedDeltaNet } from '../architectures/gated-deltanet/index.ts';
import { mamba } from '../architectures/mamba/index.ts';
import { mamba2 } from '../architectures/mamba2/index.ts';
import { qwen3Next } from '../architectures/qwen3-next/index.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import {
  plainDeltaNet,
  plainGatedAttention,
  plainMamba,
  plainMamba2,
  plainMergedDelta,
  type PlainRecurrent,
} from './plain-recurrent.ts';
import { type AddTensor, type TinyChange, tinyFolder, tinyWeights } from './tiny-folder.ts';

export interface TinyRecurrent {
  readonly architecture: Architecture<LanguageTasks>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly fill: (add: AddTensor) => void;
  readonly plain: PlainRecurrent;
}

const [vocabulary, hidden] = [37, 20];
const ids = {
  vocab_size: vocabulary,
  bos_token_id: 1,
  eos_token_id: 2,
  hidden_size: hidden,
  num_hidden_layers: 2,
};

function mlp(add: AddTensor, name: string): void {
  add(`${name}.gate_proj.weight`, 28, hidden);
  add(`${name}.up_proj.weight`, 28, hidden);
  add(`${name}.down_proj.weight`, hidden, 28);
}

const mambaNames = {
  base: 'backbone',
  embedding: 'embeddings',
  mixerNorm: 'norm',
  mixer: () => 'mixer',
  norm: 'norm_f',
};

export const tinyMamba: TinyRecurrent = {
  architecture: mamba,
  config: {
    architectures: ['MambaForCausalLM'],
    model_type: 'mamba',
    ...ids,
    state_size: 5,
    expand: 1.5,
    conv_kernel: 3,
    time_step_rank: 'auto',
    use_bias: true,
    use_conv_bias: true,
    d_inner: 30,
  },
  fill(add) {
    add('backbone.embeddings.weight', vocabulary, hidden);
    for (const layer of [0, 1]) {
      const name = `backbone.layers.${layer}.mixer`;
      add(`backbone.layers.${layer}.norm.weight`, hidden);
      add(`${name}.in_proj.weight`, 60, hidden);
      add(`${name}.in_proj.bias`, 60);
      add(`${name}.conv1d.weight`, 30, 1, 3);
      add(`${name}.conv1d.bias`, 30);
      add(`${name}.x_proj.weight`, 12, 30);
      add(`${name}.dt_proj.weight`, 30, 2);
      add(`${name}.dt_proj.bias`, 30);
      add(`${name}.A_log`, 30, 5);
      add(`${name}.D`, 30);
      add(`${name}.out_proj.weight`, hidden, 30);
      add(`${name}.out_proj.bias`, hidden);
    }
    add('backbone.norm_f.weight', hidden);
  },
  plain: {
    names: mambaNames,
    layers: 2,
    epsilon: 1e-5,
    mixer: () => plainMamba({ inner: 30, stateSize: 5, rank: 2 }),
  },
};

export const tinyMamba2: TinyRecurrent = {
  architecture: mamba2,
  config: {
    architectures: ['Mamba2ForCausalLM'],
    model_type: 'mamba2',
    ...ids,
    state_size: 6,
    num_heads: 6,
    head_dim: 5,
    expand: 1.5,
    n_groups: 2,
    conv_kernel: 4,
    time_step_limit: [0.25, 1.5],
    layer_norm_epsilon: 1e-6,
    chunk_size: 16,
    tie_word_embeddings: false,
  },
  fill(add) {
    add('backbone.embeddings.weight', vocabulary, hidden);
    for (const layer of [0, 1]) {
      const name = `backbone.layers.${layer}.mixer`;
      add(`backbone.layers.${layer}.norm.weight`, hidden);
      add(`${name}.in_proj.weight`, 90, hidden);
      add(`${name}.conv1d.weight`, 54, 1, 4);
      add(`${name}.conv1d.bias`, 54);
      for (const part of ['A_log', 'D', 'dt_bias']) add(`${name}.${part}`, 6);
      add(`${name}.norm.weight`, 30);
      add(`${name}.out_proj.weight`, hidden, 30);
    }
    add('backbone.norm_f.weight', hidden);
    add('lm_head.weight', vocabulary, hidden);
  },
  plain: {
    names: mambaNames,
    layers: 2,
    epsilon: 1e-6,
    mixer: () =>
      plainMamba2({ heads: 6, headSize: 5, groups: 2, stateSize: 6, epsilon: 1e-6, steps: [0.25, 1.5] }),
  },
};

const deltaShape = { keyHeads: 2, heads: 4, keySize: 8, valueSize: 12, epsilon: 1e-6 };

export const tinyDeltaNet: TinyRecurrent = {
  architecture: gatedDeltaNet,
  config: {
    architectures: ['GatedDeltaNetForCausalLM'],
    model_type: 'gated_deltanet',
    ...ids,
    intermediate_size: 28,
    num_heads: 2,
    num_v_heads: 4,
    head_dim: 8,
    expand_v: 1.5,
    conv_size: 4,
    attn: null,
    tie_word_embeddings: true,
  },
  fill(add) {
    add('model.embeddings.weight', vocabulary, hidden);
    for (const layer of [0, 1]) {
      const name = `model.layers.${layer}`;
      add(`${name}.attn_norm.weight`, hidden);
      for (const [part, size] of [
        ['q', 16],
        ['k', 16],
        ['v', 48],
      ] as const) {
        add(`${name}.attn.${part}_proj.weight`, size, hidden);
        add(`${name}.attn.${part}_conv1d.weight`, size, 1, 4);
      }
      add(`${name}.attn.g_proj.weight`, 48, hidden);
      add(`${name}.attn.a_proj.weight`, 4, hidden);
      add(`${name}.attn.b_proj.weight`, 4, hidden);
      add(`${name}.attn.A_log`, 4);
      add(`${name}.attn.dt_bias`, 4);
      add(`${name}.attn.o_norm.weight`, 12);
      add(`${name}.attn.o_proj.weight`, hidden, 48);
      add(`${name}.mlp_norm.weight`, hidden);
      mlp(add, `${name}.mlp`);
    }
    add('model.norm.weight', hidden);
  },
  plain: {
    names: {
      base: 'model',
      embedding: 'embeddings',
      mixerNorm: 'attn_norm',
      mixer: () => 'attn',
      feedForwardNorm: 'mlp_norm',
      norm: 'norm',
    },
    layers: 2,
    epsilon: 1e-6,
    mixer: () => plainDeltaNet(deltaShape),
  },
};

export const tinyQwen3Next: TinyRecurrent = {
  architecture: qwen3Next,
  config: {
    architectures: ['Qwen3NextForCausalLM'],
    model_type: 'qwen3_next',
    ...ids,
    intermediate_size: 28,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 8,
    layer_types: ['linear_attention', 'full_attention'],
    linear_num_key_heads: 2,
    linear_num_value_heads: 4,
    linear_key_head_dim: 8,
    linear_value_head_dim: 12,
    linear_conv_kernel_dim: 4,
    mlp_only_layers: [0, 1],
    num_experts: 0,
    rope_theta: 1000,
    partial_rotary_factor: 0.5,
    max_position_embeddings: 64,
    tie_word_embeddings: true,
  },
  fill(add) {
    add('model.embed_tokens.weight', vocabulary, hidden);
    for (const layer of [0, 1]) {
      const name = `model.layers.${layer}`;
      add(`${name}.input_layernorm.weight`, hidden);
      if (layer === 0) {
        add(`${name}.linear_attn.in_proj_qkvz.weight`, 128, hidden);
        add(`${name}.linear_attn.in_proj_ba.weight`, 8, hidden);
        add(`${name}.linear_attn.conv1d.weight`, 80, 1, 4);
        add(`${name}.linear_attn.A_log`, 4);
        add(`${name}.linear_attn.dt_bias`, 4);
        add(`${name}.linear_attn.norm.weight`, 12);
        add(`${name}.linear_attn.out_proj.weight`, hidden, 48);
      } else {
        add(`${name}.self_attn.q_proj.weight`, 64, hidden);
        add(`${name}.self_attn.k_proj.weight`, 16, hidden);
        add(`${name}.self_attn.v_proj.weight`, 16, hidden);
        add(`${name}.self_attn.o_proj.weight`, hidden, 32);
        add(`${name}.self_attn.q_norm.weight`, 8);
        add(`${name}.self_attn.k_norm.weight`, 8);
      }
      add(`${name}.post_attention_layernorm.weight`, hidden);
      mlp(add, `${name}.mlp`);
    }
    add('model.norm.weight', hidden);
  },
  plain: {
    names: {
      base: 'model',
      embedding: 'embed_tokens',
      mixerNorm: 'input_layernorm',
      mixer: (layer) => (layer === 0 ? 'linear_attn' : 'self_attn'),
      feedForwardNorm: 'post_attention_layernorm',
      norm: 'norm',
    },
    layers: 2,
    epsilon: 1e-6,
    centred: true,
    mixer: (layer) =>
      layer === 0
        ? plainMergedDelta(deltaShape)
        : plainGatedAttention({ heads: 4, kvHeads: 2, epsilon: 1e-6, theta: 1000, turning: 4 }),
  },
};

/** Numbers that repeat from run to run. */
export const tinyRecurrentState = ({ fill }: TinyRecurrent): Map<string, HostTensor> => tinyWeights(11, fill);

export const tinyRecurrentSource = (tiny: TinyRecurrent, change: TinyChange = {}): Promise<ModelSource> =>
  tinyFolder(tiny.architecture.id, tiny.config, tinyRecurrentState(tiny), change);
