import type { GraphBuilder } from '../builder.ts';
import { matMulOfWeight } from '../operators/products/mat-mul.ts';
import { transposeOfWeight } from '../operators/shape/transpose.ts';

/** `A · weightᵀ` of a stored weight `[outputs, columns]`. For tests. */
export function buildProduct(g: GraphBuilder, A: string, weight: string, name?: string): string {
  const B = g.node(transposeOfWeight, { data: weight }, {}, `${name ?? weight}.transpose`).transposed!;
  return g.node(matMulOfWeight, { A, B }, {}, name).Y!;
}
