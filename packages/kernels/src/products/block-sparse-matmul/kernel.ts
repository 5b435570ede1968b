import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { formatOfB, linearSlots, weightB } from '../contract.ts';
import { isBlockSparse } from './format.ts';
import { blockSparseVariants } from './variants.ts';

/**
 * y = epilogue(a · bᵀ), b a block-sparse weight.
 *
 * A linear layer whose weight is block-sparse: `y = epilogue(a · bᵀ)`, the contract of `matmul` for the formats that bring it.
 *
 * `a` is `[batch, m, k]` and `y` `[batch, m, n]`, f32 or f16; `b` `[n, k]` in blocks, of which only those with something in them
 * are stored (`packBlockSparse`). Sums are f32, over the stored blocks.
 */
export const blockSparseMatmul: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'block-sparse-matmul',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: {
    a: { shape: ['batch', 'm', 'k'], order: 'rows', isReread: true },
    b: weightB,
  },
  outputs: { y: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  supports: (problem) =>
    isBlockSparse(formatOfB(problem)) || `weights stored as ${formatOfB(problem).name} have no sparse blocks`,
  variants: blockSparseVariants,
});
