import { ropeTable } from '@tilewright/kernels/rope';
import type { Rope } from '../architectures/rope-fields.ts';
import type { DecoderBuilder } from './decoder-builder.ts';

/** The cosines and sines of rotary positions as a constant of the graph, `[capacity, head_dim / 2, 2]`. */
export function rotaryTable(
  m: DecoderBuilder,
  config: Rope & { readonly head_dim: number; readonly max_position_embeddings: number },
): string {
  const table = ropeTable({
    headSize: config.head_dim,
    positions: m.capacity,
    theta: config.rope_theta,
    trainedPositions: config.max_position_embeddings,
    ...(config.rope_scaling && { scaling: config.rope_scaling }),
  });
  return m.graph.constant('rope', [m.capacity, config.head_dim / 2, 2], table);
}
