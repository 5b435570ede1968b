import { stateSpaceDual } from '@tilewright/graph/operators/state-space-dual';
import type { Axis } from '../architectures/architecture.ts';
import { columns } from './columns.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';
import { rmsNorm } from './rms-norm.ts';
import { shortConvolution } from './short-convolution.ts';
import { numbers } from './numbers.ts';
import { recurrence } from './recurrence.ts';

export interface StateSpaceShape {
  readonly hidden: Axis;
  readonly heads: number;
  readonly headSize: number;
  /** Groups of heads that share B and C. */
  readonly groups: number;
  readonly stateSize: number;
  readonly taps: Axis;
  readonly epsilon: number;
  /** What asks for biases of the projections, and of the convolution. */
  readonly bias: string | undefined;
  readonly convolutionBias: string | undefined;
  /** Least and largest time step. */
  readonly steps: readonly [least: number, most: number];
}

/**
 * Mamba-2's mixer (Dao and Gu 2024, arXiv 2405.21060), under the names of Hugging Face's `modeling_mamba2.py`: one projection to a gate, to
 * what a short convolution makes values, B and C of, and to time steps; states of `headSize · stateSize` numbers for each head; the gate, then
 * a norm over the whole inner size.
 */
export const stateSpaceMixer =
  (shape: StateSpaceShape): Mixer =>
  (m, x, name) => {
    const { hidden, heads, headSize, groups, stateSize, bias } = shape;
    const [least, most] = shape.steps;
    const [values, shared] = [heads * headSize, groups * stateSize];
    const channels: Axis = {
      size: values + 2 * shared,
      from: 'num_heads × head_dim + 2 × n_groups × state_size',
    };
    const out: Axis = {
      size: values + channels.size + heads,
      from: `num_heads × head_dim + ${channels.from} + num_heads`,
    };
    const projected = linear(m, x, `${name}.in_proj`, { out, in: hidden, bias });
    const [z, mixed, dt] = columns(m, projected, [values, channels.size, heads], `${name}.in`);
    const convolved = shortConvolution(m, mixed!, `${name}.conv1d`, {
      channels,
      taps: shape.taps,
      bias: shape.convolutionBias,
    });
    const [v, B, C] = columns(m, convolved, [values, shared, shared], `${name}.convolved`);
    const perHead: Axis = { size: heads, from: 'num_heads' };
    const A = numbers(m, `${name}.A_log`, [perHead], (logarithm) => -Math.exp(logarithm));
    const D = m.weight(`${name}.D`, [perHead]);
    const dt_bias = m.weight(`${name}.dt_bias`, [perHead]);
    // Softplus is above 0 by itself.
    const bounds = { ...(least > 0 && { dt_min: least }), ...(most < Infinity && { dt_max: most }) };
    const y = recurrence(m, `${name}.state`, [heads, headSize, stateSize], (initial_state, sequences) => {
      const inputs = { x: v, dt, A, B, C, D, z, dt_bias, initial_state, sequences };
      const made = m.graph.node(
        stateSpaceDual,
        inputs,
        { heads, groups, dt_softplus: 1, ...bounds },
        `${name}.scan`,
      );
      return [made.y!, made.final_state!];
    });
    const inner: Axis = { size: values, from: 'num_heads × head_dim' };
    const normed = rmsNorm(m, y, `${name}.norm`, inner, shape.epsilon);
    return linear(m, normed, `${name}.out_proj`, { out: hidden, in: inner, bias });
  };
