import { gatherRowsOfWeight } from '@tilewright/graph/operators/gather';
import type { Axis } from '../architectures/architecture.ts';
import type { ModelBuilder } from './model-builder.ts';

/** Rows of the table `NAME.weight`, `[rows, width]`, by ids `[1, tokens]`: `[1, tokens, width]`. */
export function embedding(m: ModelBuilder, ids: string, name: string, rows: Axis, width: Axis): string {
  const data = m.weight(`${name}.weight`, [rows, width]);
  return m.graph.node(gatherRowsOfWeight, { data, indices: ids }, {}, name).output!;
}
