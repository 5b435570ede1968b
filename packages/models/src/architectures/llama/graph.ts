// Llama (Touvron et al. 2023, arXiv 2302.13971; grouped queries as in Llama 2 and 3), read top to bottom beside
// Hugging Face's modeling_llama.py: the same names, the same order.
import { attention } from '../../blocks/attention.ts';
import { decoderBuilder } from '../../blocks/decoder-builder.ts';
import { gatedMlp } from '../../blocks/gated-mlp.ts';
import { languageHead } from '../../blocks/language-head.ts';
import { rmsNorm } from '../../blocks/rms-norm.ts';
import { rotaryTable } from '../../blocks/rotary-table.ts';
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import type { Axis, BuildOptions, BuiltModel } from '../architecture.ts';
import type { LlamaConfig } from './config.ts';

/** Builds the graph. Throws `bad-argument` for room that the model was not made for. */
export function llamaGraph(config: LlamaConfig, options: BuildOptions): BuiltModel<LanguageTasks> {
  const axis = (
    from: 'hidden_size' | 'intermediate_size' | 'vocab_size' | 'max_position_embeddings',
  ): Axis => ({
    size: config[from],
    from,
  });
  const [hidden, inner, vocabulary] = [axis('hidden_size'), axis('intermediate_size'), axis('vocab_size')];
  const epsilon = config.rms_norm_eps;
  const attentionBias = config.attention_bias ? 'attention_bias is true' : undefined;
  const mlpBias = config.mlp_bias ? 'mlp_bias is true' : undefined;
  const m = decoderBuilder(axis('max_position_embeddings'), options);
  const mix = attention({
    hidden,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads,
    headSize: config.head_dim,
    bias: { qkv: attentionBias, output: attentionBias },
    rotary: rotaryTable(m, config),
  });

  const embedding = m.weight('model.embed_tokens.weight', [vocabulary, hidden]);
  let x = m.graph.node('Embedding', { table: embedding, ids: m.ids }, {}, 'model.embed_tokens').y!;
  const blocks: { input: string; output: string }[] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const name = `model.layers.${layer}`;
    const input = x;
    const mixed = mix(
      m,
      rmsNorm(m, x, `${name}.input_layernorm`, hidden, epsilon),
      `${name}.self_attn`,
      layer,
    );
    x = m.graph.elementwise(
      ['add', 'x', 'residual'],
      { x: mixed, residual: x },
      `${name}.attention_residual`,
    );
    const normed = rmsNorm(m, x, `${name}.post_attention_layernorm`, hidden, epsilon);
    const transformed = gatedMlp(m, normed, `${name}.mlp`, { hidden, inner, bias: mlpBias });
    x = m.graph.elementwise(
      ['add', 'x', 'residual'],
      { x: transformed, residual: x },
      `${name}.mlp_residual`,
    );
    blocks.push({ input, output: x });
  }
  const last = rmsNorm(m, x, 'model.norm', hidden, epsilon);
  const tied = config.tie_word_embeddings;
  const head = tied
    ? embedding
    : m.weight('lm_head.weight', [vocabulary, hidden], 'tie_word_embeddings is false');
  return {
    ...languageHead(m, last, head, vocabulary),
    blocks,
    ...(tied && { repeated: new Map([['lm_head.weight', 'model.embed_tokens.weight']]) }),
  };
}
