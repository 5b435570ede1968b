import { swiGluOfRows } from '@tilewright/graph/operators/swi-glu';
import type { Axis } from '../architectures/architecture.ts';
import { linear } from './linear.ts';
import type { FeedForward } from './mixer.ts';

export interface GatedMlpShape {
  readonly hidden: Axis;
  readonly inner: Axis;
  /** What in the config asks for biases. */
  readonly bias: string | undefined;
}

/** `down(silu(gate x) ⊙ up x)` (Shazeer 2020, arXiv 2002.05202), under the names of Hugging Face's Llama. */
export const gatedMlp =
  ({ hidden, inner, bias }: GatedMlpShape): FeedForward =>
  (m, x, name) => {
    const gate = linear(m, x, `${name}.gate_proj`, { out: inner, in: hidden, bias });
    const up = linear(m, x, `${name}.up_proj`, { out: inner, in: hidden, bias });
    const product = m.graph.node(swiGluOfRows, { A: gate, B: up }, {}, `${name}.act`).Y!;
    return linear(m, product, `${name}.down_proj`, { out: hidden, in: inner, bias });
  };
