import type { Axis } from '../architectures/architecture.ts';
import { gatedDelta } from './gated-delta.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';
import { shortConvolution } from './short-convolution.ts';

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

/** {@link gatedDelta} with projections and convolutions of their own for queries, keys and values; flash-linear-attention's names. */
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
    const convolved = (part: string, channels: Axis): string =>
      shortConvolution(m, projected(part, channels), `${name}.${part}_conv1d`, {
        channels,
        taps,
        bias: undefined,
      });
    const y = gatedDelta(
      m,
      name,
      {
        q: convolved('q', keys),
        k: convolved('k', keys),
        v: convolved('v', values),
        a: projected('a', valueHeads),
        b: projected('b', valueHeads),
        z: gate === undefined ? undefined : projected('g', values),
        norm: 'o_norm',
      },
      { ...shape, keyHeads: keyHeads.size },
    );
    return linear(m, y, `${name}.o_proj`, { out: hidden, in: values, bias: undefined });
  };
