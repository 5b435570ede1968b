import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { linearSlots, readsWeight, weightB } from '../contract.ts';
import productWgsl from '../product.wgsl';
import { type Linear, tiledLinear } from '../program.ts';
import { threadTiles } from '../thread-tile.ts';
import { softwareTiles } from '../tiles.ts';
import { workgroupTile } from '../workgroup-tile.ts';

const linear: Linear = {
  columns: ({ axes }) => axes.n!,
  parts: 1,
  result: productWgsl,
};
const tiled = /* @__PURE__ */ tiledLinear(linear);

/**
 * y = epilogue(a · bᵀ), b a weight in any format.
 *
 * A linear layer for many rows: `y = epilogue(a · bᵀ)`.
 *
 * `a` is `[batch, m, k]` and `y` `[batch, m, n]`, f32 or f16; `b` is a weight `[n, k]` as Hugging Face stores it, in any
 * format that has a reader (dense f32 or f16, integer, N:M). Sums are f32. For few rows `gemv` computes the same.
 */
export const matmul: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'matmul',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: { a: { shape: ['batch', 'm', 'k'], order: 'rows', isReread: true }, b: weightB },
  outputs: { y: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  supports: readsWeight,
  variants: [workgroupTile(tiled), ...threadTiles(tiled, softwareTiles)],
});
