import { add } from '@tilewright/graph/operators/add';
import { gatherRowsOfWeight } from '@tilewright/graph/operators/gather';
import type { Axis, BuiltModel } from '../architectures/architecture.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import type { DecoderBuilder } from './decoder-builder.ts';
import { languageHead } from './language-head.ts';
import type { FeedForward, Mixer } from './mixer.ts';
import { rmsNorm } from './rms-norm.ts';

export interface PreNormDecoder {
  readonly hidden: Axis;
  readonly vocabulary: Axis;
  readonly layers: number;
  /** Of every RMS norm. */
  readonly epsilon: number;
  readonly mixer: Mixer;
  readonly feedForward: FeedForward;
  /** The embedding is the head, too. */
  readonly tied: boolean;
}

/**
 * The decoder of Llama and its kin: an embedding; layers of `x + mixer(norm(x))`, then `x + feedForward(norm(x))`; a norm
 * and the head. Names are those of Hugging Face's `modeling_llama.py`, in its order.
 */
export function preNormDecoder(
  m: DecoderBuilder,
  { hidden, vocabulary, layers, epsilon, mixer, feedForward, tied }: PreNormDecoder,
): BuiltModel<LanguageTasks> {
  const residual = (x: string, added: string, name: string): string =>
    m.graph.node(add, { A: added, B: x }, {}, name).C!;
  const embedding = m.weight('model.embed_tokens.weight', [vocabulary, hidden]);
  let x = m.graph.node(
    gatherRowsOfWeight,
    { data: embedding, indices: m.ids },
    {},
    'model.embed_tokens',
  ).output!;
  const blocks: { input: string; output: string }[] = [];
  // What a file with fewer layers lacks is asked for by their number.
  const within: DecoderBuilder = {
    ...m,
    weight: (name, axes, because = `num_hidden_layers is ${layers}`) => m.weight(name, axes, because),
  };
  for (let layer = 0; layer < layers; layer++) {
    const name = `model.layers.${layer}`;
    const input = x;
    const normed = rmsNorm(within, x, `${name}.input_layernorm`, hidden, epsilon);
    x = residual(x, mixer(within, normed, `${name}.self_attn`, layer), `${name}.attention_residual`);
    const again = rmsNorm(within, x, `${name}.post_attention_layernorm`, hidden, epsilon);
    x = residual(x, feedForward(within, again, `${name}.mlp`), `${name}.mlp_residual`);
    blocks.push({ input, output: x });
  }
  const last = rmsNorm(m, x, 'model.norm', hidden, epsilon);
  const head = tied
    ? embedding
    : m.weight('lm_head.weight', [vocabulary, hidden], 'tie_word_embeddings is false');
  return {
    ...languageHead(m, last, head, vocabulary),
    blocks,
    ...(tied && { repeated: new Map([['lm_head.weight', 'model.embed_tokens.weight']]) }),
  };
}
