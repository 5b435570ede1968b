import { gatedScan } from '@tilewright/graph/operators/gated-scan';
import { mul } from '@tilewright/graph/operators/mul';
import { neg } from '@tilewright/graph/operators/neg';
import { sigmoid } from '@tilewright/graph/operators/sigmoid';
import type { Axis } from '../architectures/architecture.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';
import { recurrence } from './recurrence.ts';

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
    const { graph } = m;
    const away = graph.node(neg, { X: gate }, {}, `${name}.away`).Y!;
    const keep = graph.node(sigmoid, { X: away }, {}, `${name}.keep`).Y!;
    const share = graph.node(sigmoid, { X: gate }, {}, `${name}.share`).Y!;
    const update = graph.node(mul, { A: share, B: candidate }, {}, `${name}.update`).C!;
    const h = recurrence(m, `state.${layer}`, [inner.size], (initial, sequences) => {
      const made = graph.node(gatedScan, { a: keep, b: update, initial, sequences }, {}, `${name}.scan`);
      return [made.h!, made.final!];
    });
    return linear(m, h, `${name}.o_proj`, { out: hidden, in: inner, bias });
  };
