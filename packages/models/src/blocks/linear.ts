import { elementwise } from '@tilewright/graph/operators/elementwise';
import { linear as product } from '@tilewright/graph/operators/linear';
import type { Axis } from '../architectures/architecture.ts';
import type { ModelBuilder } from './model-builder.ts';

/** Sizes of a product's weight, `[out, in]`, and what in the config asks for a bias `[out]`; undefined for none. */
export interface LinearShape {
  readonly out: Axis;
  readonly in: Axis;
  readonly bias: string | undefined;
}

/** `x Wᵀ + b` with `NAME.weight` and `NAME.bias`. */
export function linear(m: ModelBuilder, x: string, name: string, shape: LinearShape): string {
  const weight = m.weight(`${name}.weight`, [shape.out, shape.in]);
  const y = m.graph.node(product, { x, weight }, {}, name).y!;
  if (shape.bias === undefined) return y;
  const bias = m.weight(`${name}.bias`, [shape.out], shape.bias);
  return m.graph.node(elementwise, { x: y, bias }, { expression: ['add', 'x', 'bias'] }, `${name}.biased`).y!;
}
