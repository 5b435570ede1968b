import { concat } from '@tilewright/graph/operators/concat';
import type { Axis } from '../architectures/architecture.ts';
import { columns } from './columns.ts';
import { gatedDelta } from './gated-delta.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';
import { shortConvolutions } from './short-convolution.ts';

export interface DeltaNetShape {
  readonly hidden: Axis;
  readonly keyHeads: Axis;
  readonly valueHeads: Axis;
  readonly keySize: number;
  readonly valueSize: number;
  readonly epsilon: number;
  readonly taps: Axis;
  /** What asks for an output gate. */
  readonly gate: string | undefined;
  readonly strongest: number;
}

/** {@link gatedDelta} with projections and convolutions of their own for queries, keys and values, which
 * are joined where their formats allow; flash-linear-attention's names. */
export const deltaNet =
  (shape: DeltaNetShape): Mixer =>
  (m, x, name) => {
    const { hidden, keyHeads, valueHeads, keySize, valueSize, taps, gate } = shape;
    const keys: Axis = { size: keyHeads.size * keySize, from: `${keyHeads.from} × head_dim` };
    const values: Axis = {
      size: valueHeads.size * valueSize,
      from: `${valueHeads.from} × expand_v × head_dim`,
    };
    const projected = (part: string, out: Axis): string =>
      linear(m, x, `${name}.${part}_proj`, { out, in: hidden, bias: undefined });
    const joined = {
      inputs_0: projected('q', keys),
      inputs_1: projected('k', keys),
      inputs_2: projected('v', values),
    };
    const mixed = m.graph.node(concat, joined, { axis: -1 }, `${name}.mixed`).concat_result!;
    const convolved = shortConvolutions(
      m,
      mixed,
      `${name}.conv1d`,
      [
        { name: `${name}.q_conv1d`, channels: keys },
        { name: `${name}.k_conv1d`, channels: keys },
        { name: `${name}.v_conv1d`, channels: values },
      ],
      taps,
    );
    const [qk, v] = columns(m, convolved, [2 * keys.size, values.size], `${name}.convolved`);
    const y = gatedDelta(
      m,
      name,
      {
        qk: qk!,
        v: v!,
        a: projected('a', valueHeads),
        b: projected('b', valueHeads),
        z: gate === undefined ? undefined : projected('g', values),
        norm: 'o_norm',
      },
      { ...shape, keyHeads: keyHeads.size },
    );
    return linear(m, y, `${name}.o_proj`, { out: hidden, in: values, bias: undefined });
  };
