import { elementwise } from '@tilewright/graph/operators/elementwise';
import { gatedScan } from '@tilewright/graph/operators/gated-scan';
import type { Axis } from '../architectures/architecture.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';

export interface MinGruShape {
  readonly hidden: Axis;
  /** Channels of the state. */
  readonly inner: Axis;
  /** What in the config asks for biases. */
  readonly bias: string | undefined;
}

/**
 * A recurrence whose gates are products of its input alone, so that all tokens are computed at once: `z = σ(x Wz)`, `h_t = (1 − z_t) ⊙
 * h_{t−1} + z_t ⊙ (x_t Wh)`, and a product of h (minGRU; Feng et al. 2024, arXiv 2410.01201). Its state is one number for each channel,
 * however long the text.
 */
export const minGru =
  ({ hidden, inner, bias }: MinGruShape): Mixer =>
  (m, x, name, layer) => {
    const gate = linear(m, x, `${name}.z_proj`, { out: inner, in: hidden, bias });
    const candidate = linear(m, x, `${name}.h_proj`, { out: inner, in: hidden, bias });
    const keep = m.graph.node(
      elementwise,
      { gate },
      { expression: ['sigmoid', ['neg', 'gate']] },
      `${name}.keep`,
    ).y!;
    const update = m.graph.node(
      elementwise,
      { gate, candidate },
      { expression: ['mul', ['sigmoid', 'gate'], 'candidate'] },
      `${name}.update`,
    ).y!;
    const read: { h?: string } = {};
    m.state(`state.${layer}`, [1, inner.size], (initial) => {
      const made = m.graph.node(gatedScan, { a: keep, b: update, initial }, {}, `${name}.scan`);
      read.h = made.h!;
      return made.final!;
    });
    return linear(m, read.h!, `${name}.o_proj`, { out: hidden, in: inner, bias });
  };
