import { selectiveScan } from '@tilewright/graph/operators/selective-scan';
import type { Axis } from '../architectures/architecture.ts';
import { columns } from './columns.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';
import { shortConvolution } from './short-convolution.ts';
import { numbers } from './numbers.ts';
import { recurrence } from './recurrence.ts';

export interface SelectiveShape {
  readonly hidden: Axis;
  readonly inner: Axis;
  readonly stateSize: Axis;
  /** Of the product that makes the time steps. */
  readonly rank: Axis;
  readonly taps: Axis;
  /** What asks for biases of the projections, and of the convolution. */
  readonly bias: string | undefined;
  readonly convolutionBias: string | undefined;
}

/**
 * Mamba's mixer (Gu and Dao 2023, arXiv 2312.00752), under the names of Hugging Face's `modeling_mamba.py`: a short convolution, of which
 * low-rank time steps, B and C are made, a selective scan with `stateSize` numbers for each channel, and a gate.
 */
export const selectiveMixer =
  ({ hidden, inner, stateSize, rank, taps, bias, convolutionBias }: SelectiveShape): Mixer =>
  (m, x, name) => {
    const both: Axis = { size: 2 * inner.size, from: `2 × ${inner.from}` };
    const projected = linear(m, x, `${name}.in_proj`, { out: both, in: hidden, bias });
    const [mixed, z] = columns(m, projected, [inner.size, inner.size], `${name}.in`);
    const channels = { channels: inner, taps, bias: convolutionBias };
    const convolved = shortConvolution(m, mixed!, `${name}.conv1d`, channels);
    const sizes = [rank.size, stateSize.size, stateSize.size];
    const selection: Axis = {
      size: sizes.reduce((sum, size) => sum + size),
      from: `${rank.from} + 2 × ${stateSize.from}`,
    };
    const selected = linear(m, convolved, `${name}.x_proj`, { out: selection, in: inner, bias: undefined });
    const [low, B, C] = columns(m, selected, sizes, `${name}.selected`);
    const always = 'the time steps have one';
    const delta = linear(m, low!, `${name}.dt_proj`, { out: inner, in: rank, bias: always });
    const A = numbers(m, `${name}.A_log`, [inner, stateSize], (logarithm) => -Math.exp(logarithm));
    const D = m.weight(`${name}.D`, [inner]);
    const y = recurrence(m, `${name}.state`, [inner.size, stateSize.size], (initial_state, sequences) => {
      const inputs = { x: convolved, delta, A, B, C, D, z, initial_state, sequences };
      const made = m.graph.node(selectiveScan, inputs, { delta_softplus: 1 }, `${name}.scan`);
      return [made.y!, made.final_state!];
    });
    return linear(m, y, `${name}.out_proj`, { out: hidden, in: inner, bias });
  };
