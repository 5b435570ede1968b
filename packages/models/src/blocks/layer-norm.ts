import { layerNormalization } from '@tilewright/graph/operators/layer-normalization';
import type { Axis } from '../architectures/architecture.ts';
import type { ModelBuilder } from './model-builder.ts';

/** Layer norm (Ba et al. 2016, arXiv 1607.06450) over the last axis, with the gain `NAME.weight` and the bias `NAME.bias`. */
export function layerNorm(m: ModelBuilder, x: string, name: string, width: Axis, epsilon: number): string {
  const Scale = m.weight(`${name}.weight`, [width]);
  const B = m.weight(`${name}.bias`, [width]);
  return m.graph.node(layerNormalization, { X: x, Scale, B }, { epsilon }, name).Y!;
}
