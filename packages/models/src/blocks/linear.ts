import type { GraphBuilder } from '@tilewright/graph';
import { addToRows } from '@tilewright/graph/operators/add';
import { matMulOfWeight } from '@tilewright/graph/operators/mat-mul';
import { transposeOfWeight } from '@tilewright/graph/operators/transpose';
import type { Axis } from '../architectures/architecture.ts';
import type { ModelBuilder } from './model-builder.ts';

/** Sizes of a product's weight, `[out, in]`, and what in the config asks for a bias `[out]`; undefined for none. */
export interface LinearShape {
  readonly out: Axis;
  readonly in: Axis;
  readonly bias: string | undefined;
}

/** `x Wᵀ` with a stored weight `[out, in]`. */
export function product(graph: GraphBuilder, A: string, weight: string, name: string): string {
  const B = graph.node(transposeOfWeight, { data: weight }, {}, `${name}.weight`).transposed!;
  return graph.node(matMulOfWeight, { A, B }, {}, name).Y!;
}

/** `x Wᵀ + b` with `NAME.weight` and `NAME.bias`. */
export function linear(m: ModelBuilder, x: string, name: string, shape: LinearShape): string {
  const y = product(m.graph, x, m.weight(`${name}.weight`, [shape.out, shape.in]), name);
  if (shape.bias === undefined) return y;
  const bias = m.weight(`${name}.bias`, [shape.out], shape.bias);
  return m.graph.node(addToRows, { A: y, B: bias }, {}, `${name}.biased`).C!;
}
