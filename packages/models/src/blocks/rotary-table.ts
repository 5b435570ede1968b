import { angleTable, plainRope } from '@tilewright/kernels/rope';
import type { Rope } from '../architectures/rope-fields.ts';
import type { DecoderBuilder } from './decoder-builder.ts';

/** Constants `[capacity, channels that turn / 2]`, as `RotaryEmbedding` reads them. */
export interface RotaryTable {
  readonly cos_cache: string;
  readonly sin_cache: string;
}

/** The cosines and sines of rotary positions as constants of the graph, for heads that turn in whole. */
export function rotaryTable(
  m: DecoderBuilder,
  config: Pick<Rope, 'rope_theta' | 'rope_scaling'> & {
    readonly head_dim: number;
    readonly max_position_embeddings: number;
  },
): RotaryTable {
  const { head_dim: rotary, rope_theta: theta, rope_scaling: scaling } = config;
  const angles = {
    rotary,
    theta,
    positions: m.capacity,
    trained: scaling?.original_max_position_embeddings ?? config.max_position_embeddings,
  };
  const table = angleTable(m.capacity, scaling ? scaling.frequencies(angles) : plainRope(angles));
  const part = (name: string, offset: number): string =>
    m.graph.constant(
      name,
      [m.capacity, rotary / 2],
      table.filter((_, i) => i % 2 === offset),
    );
  return {
    cos_cache: part('rope.cos', 0),
    sin_cache: part('rope.sin', 1),
  };
}
