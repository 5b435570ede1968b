// Llama (Touvron et al. 2023, arXiv 2302.13971; grouped queries as in Llama 2 and 3), read top to bottom beside
// Hugging Face's modeling_llama.py: the same names, the same order.
import type { LlamaConfig } from '@tilewright/formats';
import { type Graph, graphBuilder } from '@tilewright/graph';
import { TilewrightError } from '@tilewright/kernels';
import { checkInteger } from '../language-model/requests.ts';
import { type RopeScaling, ropeTable } from '@tilewright/kernels/rope';

/** How much room a graph is built for. */
export interface LlamaOptions {
  /** Most tokens of one step; default `max_position_embeddings`. */
  readonly maxTokens?: number;
  /** Positions the cache has room for; default `max_position_embeddings`. */
  readonly capacity?: number;
  /** How keys and values are stored; default f32. */
  readonly cache?: 'f32' | 'f16';
}

/** A Llama as a graph, and the values at which it can be cut into blocks. */
export interface LlamaGraph {
  /**
   * Inputs: `ids [tokens]`; `positions [tokens, 2]`, of each token its rotary position and its cache row; `lengths [1]`,
   * the keys that are valid after this step; `targets [tokens]`. Outputs: `logits`, `token.ids` (sampled from the
   * logits of each row), `argmax.ids`, `loss.loss`. Symbols: `tokens`, `keys`.
   */
  readonly graph: Graph;
  /** Hidden states before and after each block. */
  readonly blocks: readonly { readonly input: string; readonly output: string }[];
}

/** Builds the graph. Throws `bad-model` for what this implementation does not have, naming it. */
export function llama(config: LlamaConfig, options: LlamaOptions = {}): LlamaGraph {
  checkSupported(config);
  const capacity = options.capacity ?? config.max_position_embeddings;
  const maxTokens = Math.min(capacity, options.maxTokens ?? capacity);
  checkInteger('llama', 'capacity', capacity, 1, 2 ** 24);
  checkInteger('llama', 'maxTokens', maxTokens, 1, capacity);
  const { hidden_size: hidden, vocab_size: vocab, head_dim: headSize } = config;
  const [heads, kvHeads] = [config.num_attention_heads, config.num_key_value_heads];
  const epsilon = config.rms_norm_eps;

  const g = graphBuilder({ tokens: { max: maxTokens }, keys: { max: capacity } });
  const ids = g.input('ids', 'u32', ['tokens']);
  const positions = g.input('positions', 'u32', ['tokens', 2]);
  const lengths = g.input('lengths', 'u32', [1]);
  const targets = g.input('targets', 'u32', ['tokens']);
  const rotary = ropeTable({
    headSize,
    positions: capacity,
    theta: config.rope_theta,
    trainedPositions: config.max_position_embeddings,
    ...(config.rope_scaling && { scaling: scalingOf(config.rope_scaling) }),
  });
  const table = g.constant('rope', [capacity, headSize / 2, 2], rotary);

  const linear = (x: string, name: string, shape: readonly [number, number], bias: boolean): string => {
    const y = g.node('Linear', { x, weight: g.weight(`${name}.weight`, shape) }, {}, name).y!;
    return bias
      ? g.elementwise(
          ['add', 'x', 'bias'],
          { x: y, bias: g.weight(`${name}.bias`, [shape[0]]) },
          `${name}.biased`,
        )
      : y;
  };
  const norm = (x: string, name: string): string =>
    g.node('RMSNormalization', { x, weight: g.weight(`${name}.weight`, [hidden]) }, { epsilon }, name).y!;

  const embedding = g.weight('model.embed_tokens.weight', [vocab, hidden]);
  let x = g.node('Embedding', { table: embedding, ids }, {}, 'model.embed_tokens').y!;
  const blocks: { input: string; output: string }[] = [];
  const finals: Record<string, string> = {};
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const input = x;

    const h = norm(x, `${prefix}.input_layernorm`);
    const attention = `${prefix}.self_attn`;
    const bias = config.attention_bias;
    const q = linear(h, `${attention}.q_proj`, [heads * headSize, hidden], bias);
    const k = linear(h, `${attention}.k_proj`, [kvHeads * headSize, hidden], bias);
    const v = linear(h, `${attention}.v_proj`, [kvHeads * headSize, hidden], bias);
    const turn = (value: string, count: number, name: string): string =>
      g.node('RotaryEmbedding', { x: value, table, positions }, { heads: count }, `${attention}.${name}`).y!;
    const cache = (kind: 'key' | 'value', update: string): string => {
      const name = `cache.${layer}.${kind}`;
      const past = g.state(name, options.cache ?? 'f32', [kvHeads, capacity, headSize]);
      finals[name] = g.node(
        'TensorScatter',
        { past, update, positions },
        {},
        `${attention}.${kind}_cache`,
      ).present!;
      return finals[name];
    };
    const attended = g.node(
      'Attention',
      {
        q: turn(q, heads, 'q_rope'),
        key: cache('key', turn(k, kvHeads, 'k_rope')),
        value: cache('value', v),
        lengths,
      },
      { heads, kvHeads, keys: 'keys' },
      attention,
    ).y!;
    const projected = linear(attended, `${attention}.o_proj`, [hidden, heads * headSize], bias);
    x = g.elementwise(
      ['add', 'x', 'residual'],
      { x: projected, residual: x },
      `${prefix}.attention_residual`,
    );

    const m = norm(x, `${prefix}.post_attention_layernorm`);
    const mlp = `${prefix}.mlp`;
    const inner = config.intermediate_size;
    const gate = linear(m, `${mlp}.gate_proj`, [inner, hidden], config.mlp_bias);
    const up = linear(m, `${mlp}.up_proj`, [inner, hidden], config.mlp_bias);
    const product = g.elementwise(['mul', ['silu', 'gate'], 'up'], { gate, up }, `${mlp}.act`);
    const down = linear(product, `${mlp}.down_proj`, [hidden, inner], config.mlp_bias);
    x = g.elementwise(['add', 'x', 'residual'], { x: down, residual: x }, `${prefix}.mlp_residual`);
    blocks.push({ input, output: x });
  }

  const last = norm(x, 'model.norm');
  const head = config.tie_word_embeddings ? embedding : g.weight('lm_head.weight', [vocab, hidden]);
  const logits = g.node('Linear', { x: last, weight: head }, {}, 'lm_head').y!;
  const token = g.node('Sample', { logits }, {}, 'token').ids!;
  const argmax = g.node('ArgMax', { x: logits }, {}, 'argmax').ids!;
  const loss = g.node('CrossEntropy', { logits, targets }, {}, 'loss').loss!;
  return { graph: g.finish({ outputs: [logits, token, argmax, loss], states: finals }), blocks };
}

function scalingOf(scaling: NonNullable<LlamaConfig['rope_scaling']>): RopeScaling {
  if (scaling.rope_type !== 'yarn') return scaling;
  const { attention_factor: factor, ...rest } = scaling;
  return { ...rest, ...(factor !== null && { attention_factor: factor }) };
}

function checkSupported(config: LlamaConfig): void {
  if (config.hidden_act !== 'silu')
    throw new TilewrightError('bad-model', {
      subject: 'config.json',
      problem: `hidden_act is '${config.hidden_act}'`,
      requirement: "this Llama has 'silu'",
      fix: 'use a model with the standard activation',
    });
  if (config.head_dim % 4 !== 0)
    throw new TilewrightError('bad-model', {
      subject: 'config.json',
      problem: `head_dim is ${config.head_dim}`,
      requirement: 'rotary embedding works on vectors of four: head_dim must be a multiple of 4',
      fix: 'use a model with such heads',
    });
}
