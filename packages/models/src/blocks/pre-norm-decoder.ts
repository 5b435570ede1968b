import { addToRows } from '@tilewright/graph/operators/add';
import type { Axis, BuiltModel } from '../architectures/architecture.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import type { DecoderBuilder } from './decoder-builder.ts';
import { embedding } from './embedding.ts';
import { languageHead } from './language-head.ts';
import type { FeedForward, Mixer } from './mixer.ts';
import { rmsNorm } from './rms-norm.ts';

/** What a decoder calls its parts: those of a layer stand behind `BASE.layers.N`. */
export interface DecoderNames {
  readonly base: string;
  readonly embedding: string;
  readonly mixerNorm: string;
  readonly mixer: (layer: number) => string;
  /** Undefined where layers are a mixer alone. */
  readonly feedForwardNorm?: string;
  /** Of the last norm. */
  readonly norm: string;
}

/** Those of Hugging Face's `modeling_llama.py`, and of most that came after it. */
export const llamaNames: DecoderNames = {
  base: 'model',
  embedding: 'embed_tokens',
  mixerNorm: 'input_layernorm',
  mixer: () => 'self_attn',
  feedForwardNorm: 'post_attention_layernorm',
  norm: 'norm',
};

export interface PreNormDecoder {
  readonly hidden: Axis;
  readonly vocabulary: Axis;
  readonly layers: number;
  /** Of every RMS norm. */
  readonly epsilon: number;
  readonly mixer: Mixer;
  /** Undefined for layers of a mixer alone. */
  readonly feedForward: FeedForward | undefined;
  /** The embedding is the head, too. */
  readonly tied: boolean;
  /** Default those of Llama. */
  readonly names?: DecoderNames;
  /** Default `rmsNorm`. */
  readonly norm?: typeof rmsNorm;
}

/**
 * The decoder of Llama and its kin: an embedding; layers of `x + mixer(norm(x))`, then `x + feedForward(norm(x))`; a norm
 * and the head.
 */
export function preNormDecoder(
  m: DecoderBuilder,
  {
    hidden,
    vocabulary,
    layers,
    epsilon,
    mixer,
    feedForward,
    tied,
    names = llamaNames,
    norm = rmsNorm,
  }: PreNormDecoder,
): BuiltModel<LanguageTasks> {
  const { base } = names;
  const residual = (x: string, added: string, name: string): string =>
    m.graph.node(addToRows, { A: added, B: x }, {}, name).C!;
  const table = `${base}.${names.embedding}`;
  let x = embedding(m, m.ids, table, vocabulary, hidden);
  const blocks: { input: string; output: string }[] = [];
  // What a file with fewer layers lacks is asked for by their number.
  const within: DecoderBuilder = {
    ...m,
    weight: (name, axes, because = `num_hidden_layers is ${layers}`, expression) =>
      m.weight(name, axes, because, expression),
  };
  for (let layer = 0; layer < layers; layer++) {
    const name = `${base}.layers.${layer}`;
    const input = x;
    const normed = norm(within, x, `${name}.${names.mixerNorm}`, hidden, epsilon);
    x = residual(x, mixer(within, normed, `${name}.${names.mixer(layer)}`, layer), `${name}.mixer_residual`);
    if (feedForward) {
      const again = norm(within, x, `${name}.${names.feedForwardNorm}`, hidden, epsilon);
      x = residual(x, feedForward(within, again, `${name}.mlp`), `${name}.mlp_residual`);
    }
    blocks.push({ input, output: x });
  }
  const last = norm(m, x, `${base}.${names.norm}`, hidden, epsilon);
  const head = tied
    ? `${table}.weight`
    : m.weight('lm_head.weight', [vocabulary, hidden], 'tie_word_embeddings is false');
  return {
    ...languageHead(m, last, head, vocabulary),
    blocks,
    ...(tied && { repeated: new Map([['lm_head.weight', `${table}.weight`]]) }),
  };
}
