import { add } from '@tilewright/graph/operators/add';
import { tanh } from '@tilewright/graph/operators/tanh';
import { activate, activations } from '../../blocks/activation.ts';
import { embedding } from '../../blocks/embedding.ts';
import { encoderBuilder, type EncoderBuilder } from '../../blocks/encoder-builder.ts';
import { fullAttention } from '../../blocks/full-attention.ts';
import { layerNorm } from '../../blocks/layer-norm.ts';
import { linear } from '../../blocks/linear.ts';
import type { ModelBuilder } from '../../blocks/model-builder.ts';
import type { EmbeddingTasks } from '../../tasks/embedding-tasks.ts';
import type { Axis, BuildOptions, BuiltModel } from '../architecture.ts';
import type { BertConfig } from './config.ts';

/** Builds the graph, in the order of `BertModel`. Throws `bad-argument` for room that the model was not made for. */
export function bertGraph(config: BertConfig, options: BuildOptions): BuiltModel<EmbeddingTasks> {
  const axis = (from: SizeField): Axis => ({ size: config[from], from });
  const hidden = axis('hidden_size');
  const m = encoderBuilder(axis('max_position_embeddings'), options);
  const within: ModelBuilder = {
    ...m,
    // What a file with fewer layers lacks is asked for by their number.
    weight: (name, axes, because = `num_hidden_layers is ${config.num_hidden_layers}`) =>
      m.weight(name, axes, because),
  };
  let x = embeddings(m, config, axis);
  const blocks: { input: string; output: string }[] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const input = x;
    x = encoderLayer(within, x, `encoder.layer.${layer}`, config, axis);
    blocks.push({ input, output: x });
  }
  const pooled = pooler(m, x, hidden);
  const { maxTokens } = m;
  return {
    graph: m.finish([x, pooled]),
    blocks,
    weights: m.weights,
    optional: poolerWeights,
    tasks: {
      vocabulary: config.vocab_size,
      tokenTypes: config.type_vocab_size,
      positions: config.max_position_embeddings,
      embed: { outputs: [x], maxTokens, hidden: x },
      pool: { outputs: [x, pooled], maxTokens, hidden: x, pooled },
    },
  };
}

type SizeField =
  | 'hidden_size'
  | 'intermediate_size'
  | 'max_position_embeddings'
  | 'type_vocab_size'
  | 'vocab_size';
type AxisOf = (from: SizeField) => Axis;

const sum = (m: ModelBuilder, A: string, B: string, name: string): string =>
  m.graph.node(add, { A, B }, {}, name).C!;

/** Tokens, positions and token types, each a row of a table; their sum, and a norm. */
function embeddings(m: EncoderBuilder, { layer_norm_eps }: BertConfig, axis: AxisOf): string {
  const hidden = axis('hidden_size');
  const name = 'embeddings';
  const words = embedding(m, m.ids, `${name}.word_embeddings`, axis('vocab_size'), hidden);
  const places = axis('max_position_embeddings');
  const positions = embedding(m, m.positions, `${name}.position_embeddings`, places, hidden);
  const types = embedding(m, m.types, `${name}.token_type_embeddings`, axis('type_vocab_size'), hidden);
  const placed = sum(m, words, positions, `${name}.placed`);
  return layerNorm(m, sum(m, placed, types, `${name}.sum`), `${name}.LayerNorm`, hidden, layer_norm_eps);
}

/** `x = norm(x + attention(x))`, then `x = norm(x + mlp(x))`. */
function encoderLayer(m: ModelBuilder, x: string, name: string, config: BertConfig, axis: AxisOf): string {
  const [hidden, inner] = [axis('hidden_size'), axis('intermediate_size')];
  const { layer_norm_eps: epsilon, num_hidden_layers, num_attention_heads: heads } = config;
  const bias = `num_hidden_layers is ${num_hidden_layers}`;
  const part = `${name}.attention`;
  const attended = fullAttention(m, x, `${part}.self`, {
    hidden,
    heads,
    names: {
      q: `${part}.self.query`,
      k: `${part}.self.key`,
      v: `${part}.self.value`,
      output: `${part}.output.dense`,
    },
    bias,
  });
  const seen = layerNorm(
    m,
    sum(m, attended, x, `${part}.output.residual`),
    `${part}.output.LayerNorm`,
    hidden,
    epsilon,
  );
  const raised = linear(m, seen, `${name}.intermediate.dense`, { out: inner, in: hidden, bias });
  const active = activate(m, raised, `${name}.intermediate.act`, activations[config.hidden_act]!);
  const lowered = linear(m, active, `${name}.output.dense`, { out: hidden, in: inner, bias });
  return layerNorm(
    m,
    sum(m, lowered, seen, `${name}.output.residual`),
    `${name}.output.LayerNorm`,
    hidden,
    epsilon,
  );
}

const poolerName = 'pooler.dense';
/** Files of models that were trained without a pooler lack it. */
const poolerWeights: ReadonlySet<string> = new Set([`${poolerName}.weight`, `${poolerName}.bias`]);

/** `tanh(W x + b)`, of which the first token's is meant. */
function pooler(m: ModelBuilder, x: string, hidden: Axis): string {
  const bias = 'every BERT with a pooler has it';
  const projected = linear(m, x, poolerName, { out: hidden, in: hidden, bias });
  return m.graph.node(tanh, { X: projected }, {}, 'pooler.activation').Y!;
}
