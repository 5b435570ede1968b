import type { CacheFormat } from '@tilewright/graph';
import { appendCache } from '@tilewright/graph/operators/append-cache';
import { cachedAttention } from '@tilewright/graph/operators/cached-attention';
import { rotaryEmbeddingOfTokens } from '@tilewright/graph/operators/rotary-embedding';
import type { Axis } from '../architectures/architecture.ts';
import type { HeadNorm } from './head-norm.ts';
import type { DecoderBuilder } from './decoder-builder.ts';
import { linear, type LinearShape } from './linear.ts';
import type { Mixer } from './mixer.ts';
import type { RotaryTable } from './rotary-table.ts';

/** The keys that a layer sees of those before its own, and the cache that suits it. */
export interface AttentionWindow {
  readonly left: number;
  readonly format: CacheFormat;
}

/** A value for scores, as operators of fillings make them: see `biasOperator` and `maskOperator`. */
export type ScoreSource = (m: DecoderBuilder, heads: number) => string;

/** What makes the queries of more than a product of their own, and what becomes of what they find. */
export type QuerySource = (
  m: DecoderBuilder,
  x: string,
  name: string,
  sizes: { readonly heads: number; readonly headSize: number; readonly linear: LinearShape },
) => { readonly q: string; readonly finish: (attended: string) => string };

export interface AttentionShape {
  readonly hidden: Axis;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** What asks for a bias of which projections. */
  readonly bias: { readonly qkv: string | undefined; readonly output: string | undefined };
  /** Of queries and keys, before they turn. */
  readonly headNorm?: HeadNorm | undefined;
  /** Undefined for queries and keys that do not turn. */
  readonly rotary: RotaryTable | undefined;
  /** Default a product. */
  readonly queries?: QuerySource;
  /** Of layers that do not see all keys. */
  readonly window?: (layer: number) => AttentionWindow | undefined;
  /** What is added to scores, and which of them count. */
  readonly scores?: { readonly bias?: ScoreSource; readonly mask?: ScoreSource };
}

/** Causal softmax attention over a cache, with grouped queries, under Hugging Face's names. */
export const attention =
  (shape: AttentionShape): Mixer =>
  (m, x, name, layer) => {
    const { hidden, heads, kvHeads, headSize, bias, headNorm, rotary, scores } = shape;
    const queries: Axis = { size: heads * headSize, from: 'num_attention_heads × head_dim' };
    const keys: Axis = { size: kvHeads * headSize, from: 'num_key_value_heads × head_dim' };
    const { graph, sequences } = m;
    const projection = { out: queries, in: hidden, bias: bias.qkv };
    const { q, finish } = shape.queries?.(m, x, name, { heads, headSize, linear: projection }) ?? {
      q: linear(m, x, `${name}.q_proj`, projection),
    };
    const k = linear(m, x, `${name}.k_proj`, { out: keys, in: hidden, bias: bias.qkv });
    const v = linear(m, x, `${name}.v_proj`, { out: keys, in: hidden, bias: bias.qkv });
    const turn = (value: string, count: number, part: string): string => {
      const X = headNorm?.(m, value, `${name}.${part}_norm`, count, headSize) ?? value;
      if (!rotary) return X;
      const inputs = { X, ...rotary, position_ids: m.positions };
      return graph.node(rotaryEmbeddingOfTokens, inputs, { num_heads: count }, `${name}.${part}_rope`).Y!;
    };
    const window = shape.window?.(layer);
    const K = turn(k, kvHeads, 'k');
    const cache = m.cache(
      `cache.${layer}`,
      { heads: kvHeads, keySize: headSize, valueSize: headSize },
      window?.format,
      (past) => graph.node(appendCache, { cache: past, K, V: v, sequences }, {}, `${name}.cache`).present!,
    );
    const attended = graph.node(
      cachedAttention,
      {
        Q: turn(q, heads, 'q'),
        cache,
        sequences,
        bias: scores?.bias?.(m, heads),
        mask: scores?.mask?.(m, heads),
      },
      { q_num_heads: heads, keys: 'keys', ...(window && { left_window_size: window.left }) },
      name,
    ).Y!;
    return linear(m, finish?.(attended) ?? attended, `${name}.o_proj`, {
      out: hidden,
      in: queries,
      bias: bias.output,
    });
  };
