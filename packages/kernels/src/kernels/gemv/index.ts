import { defineKernel, type Kernel } from '../../core/define-kernel.ts';
import { linearBytes, linearSlots, validateWeight, weightB } from '../../linear/contract.ts';
import { gemvVariants } from '../../linear/gemv.ts';
import productWgsl from '../../linear/product.wgsl';
import { type Linear, tiledLinear } from '../../linear/program.ts';
import { threadTiles } from '../../linear/thread-tile.ts';
import { softwareTiles } from '../../linear/tiles.ts';

const linear: Linear = { kernel: () => gemv, columns: ({ axes }) => axes.n!, parts: 1, result: productWgsl };

/**
 * A linear layer for few rows (decoding): `y = epilogue(a · bᵀ)`, the same contract as `matmul`, made to read the weight
 * once, at the speed of memory, for up to about 8 rows.
 *
 * @throws `bad-layout` for a dense weight that is neither f32 nor f16.
 */
export const gemv: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'gemv',
  summary: 'y = epilogue(a · bᵀ) for few rows, b a weight in any layout',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: { a: ['batch', 'm', 'k'], b: weightB },
  outputs: { y: ['batch', 'm', 'n'] },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  validate: (problem) => validateWeight('gemv', problem),
  cost: (problem) => {
    const { batch, m, n, k } = problem.axes as { batch: number; m: number; n: number; k: number };
    return { bytes: linearBytes(problem, n, n), flops: 2 * batch * m * n * k };
  },
  variants: [...gemvVariants(linear), ...threadTiles(tiledLinear(linear), softwareTiles)],
});
