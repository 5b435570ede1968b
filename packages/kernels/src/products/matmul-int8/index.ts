import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { linearSlots, weightB } from '../contract.ts';
import { rowCount } from '../frame.ts';
import productWgsl from '../product.wgsl';
import type { Linear } from '../linear.ts';
import quantizeWgsl from './quantize.wgsl';
import { hasCodes, int8Variants, type Rounding } from './variants.ts';

const linear: Linear = {
  columns: ({ axes }) => axes.n!,
  parts: 1,
  result: productWgsl,
};

const rounding: Rounding = {
  wgsl: quantizeWgsl,
  workgroups: (blocks) => ceilDiv(times(rowCount, blocks), 64),
};

/**
 * y = epilogue(round(a) · bᵀ), a rounded to int8, b integers of 1 to 8 bits.
 *
 * `matmul` that rounds its activation to int8 on the way: `y = epilogue(round(a) · bᵀ)`, for weights of 1 to 8 bits.
 *
 * Each 32 columns of a row of `a`, as `load_a` gives it, become 8-bit codes with a step of their largest over 127 (and up to
 * 1/128 more), and codes meet codes in packed dot products: faster than f32 where a GPU has the instruction. It costs
 * accuracy, so nothing chooses it unasked: an element moves by half a step at most,
 * `|error of y| ≤ Σ_blocks step / 2 · Σ_columns |b|`; a normally distributed activation gives 0.55 % of y's spread.
 * The oracle rounds in the same way, to the bit, and holds the rest to f32's accuracy.
 * Only formats with an integer face are read: integers whose groups are whole blocks of 32 columns, with scales that need no f32.
 */
export const matmulInt8: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'matmul-int8',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: { a: { shape: ['batch', 'm', 'k'], order: 'rows', isReread: true }, b: weightB },
  outputs: { y: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  supports: hasCodes,
  variants: /* @__PURE__ */ int8Variants(linear, rounding),
});
