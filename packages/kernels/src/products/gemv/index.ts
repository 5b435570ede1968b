import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { linearSlots, readsWeight, weightB } from '../contract.ts';
import { gemvVariants } from '../gemv.ts';
import productWgsl from '../product.wgsl';
import { type Linear, tiledLinear } from '../program.ts';
import { threadTiles } from '../thread-tile.ts';
import { softwareTiles } from '../tiles.ts';

const linear: Linear = { columns: ({ axes }) => axes.n!, parts: 1, result: productWgsl };

/**
 * y = epilogue(a · bᵀ) for few rows, b a weight in any format.
 *
 * A linear layer for few rows (decoding): `y = epilogue(a · bᵀ)`, the same contract as `matmul`, made to read the weight
 * once, at the speed of memory, for up to about 8 rows.
 */
export const gemv: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'gemv',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: { a: { shape: ['batch', 'm', 'k'], order: 'rows', isReread: true }, b: weightB },
  outputs: { y: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  supports: readsWeight,
  variants: [...gemvVariants(linear), ...threadTiles(tiledLinear(linear), softwareTiles)],
});
