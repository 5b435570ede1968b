import { cacheWrite } from '@tilewright/graph/operators/cache-write';
import { cachedAttention } from '@tilewright/graph/operators/cached-attention';
import { rope } from '@tilewright/graph/operators/rope';
import type { Axis } from '../architectures/architecture.ts';
import type { HeadNorm } from './head-norm.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';

export interface AttentionShape {
  readonly hidden: Axis;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** What asks for a bias of which projections. */
  readonly bias: { readonly qkv: string | undefined; readonly output: string | undefined };
  /** Of queries and keys, before they turn. */
  readonly headNorm?: HeadNorm | undefined;
  /** A constant of cosines and sines, `[capacity, headSize / 2, 2]`. */
  readonly rotary: string;
}

/** Causal softmax attention over a cache, with rotary positions and grouped queries, under Hugging Face's names. */
export const attention =
  ({ hidden, heads, kvHeads, headSize, bias, headNorm, rotary }: AttentionShape): Mixer =>
  (m, x, name, layer) => {
    const queries: Axis = { size: heads * headSize, from: 'num_attention_heads × head_dim' };
    const keys: Axis = { size: kvHeads * headSize, from: 'num_key_value_heads × head_dim' };
    const { graph, positions, lengths } = m;
    const q = linear(m, x, `${name}.q_proj`, { out: queries, in: hidden, bias: bias.qkv });
    const k = linear(m, x, `${name}.k_proj`, { out: keys, in: hidden, bias: bias.qkv });
    const v = linear(m, x, `${name}.v_proj`, { out: keys, in: hidden, bias: bias.qkv });
    const turn = (value: string, count: number, part: string): string =>
      graph.node(
        rope,
        {
          x: headNorm?.(m, value, `${name}.${part}_norm`, count, headSize) ?? value,
          table: rotary,
          positions,
        },
        { heads: count },
        `${name}.${part}_rope`,
      ).y!;
    const cache = (kind: string, update: string): string =>
      m.cache(
        `cache.${layer}.${kind}`,
        kvHeads,
        headSize,
        (past) => graph.node(cacheWrite, { past, update, positions }, {}, `${name}.${kind}_cache`).present!,
      );
    const attended = graph.node(
      cachedAttention,
      {
        q: turn(q, heads, 'q'),
        key: cache('key', turn(k, kvHeads, 'k')),
        value: cache('value', v),
        lengths,
      },
      { heads, kvHeads, keys: 'keys' },
      name,
    ).y!;
    return linear(m, attended, `${name}.o_proj`, { out: hidden, in: queries, bias: bias.output });
  };
