import { attention } from '@tilewright/graph/operators/attention';
import type { Axis } from '../architectures/architecture.ts';
import { linear } from './linear.ts';
import type { ModelBuilder } from './model-builder.ts';

export interface FullAttentionShape {
  readonly hidden: Axis;
  readonly heads: number;
  /** Where the weights are, in front of `.weight` and `.bias`. */
  readonly names: { readonly q: string; readonly k: string; readonly v: string; readonly output: string };
  /** What asks for the biases. */
  readonly bias: string;
}

/** Softmax attention of every token to every token (Vaswani et al. 2017, arXiv 1706.03762), `[1, tokens, hidden]` to the same. */
export function fullAttention(
  m: ModelBuilder,
  x: string,
  name: string,
  { hidden, heads, names, bias }: FullAttentionShape,
): string {
  const shape = { out: hidden, in: hidden, bias };
  const [Q, K, V] = [names.q, names.k, names.v].map((part) => linear(m, x, part, shape));
  const sizes = { q_num_heads: heads, kv_num_heads: heads };
  const { Y } = m.graph.node(attention, { Q, K, V }, sizes, name);
  return linear(m, Y!, names.output, shape);
}
