import { rmsNormalizationOfRows } from '@tilewright/graph/operators/rms-normalization';
import type { Axis } from '../architectures/architecture.ts';
import type { ModelBuilder } from './model-builder.ts';

/** RMS norm (Zhang and Sennrich 2019, arXiv 1910.07467) over the last axis, with the gain `NAME.weight`. */
export function rmsNorm(m: ModelBuilder, x: string, name: string, width: Axis, epsilon: number): string {
  const scale = m.weight(`${name}.weight`, [width]);
  return m.graph.node(rmsNormalizationOfRows, { X: x, scale }, { epsilon }, name).Y!;
}
