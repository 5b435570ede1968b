import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import type { Problem } from '../../contract/contract.ts';
import { formatOfB, linearSlots, weightB } from '../contract.ts';
import { rowCount } from '../frame.ts';
import type { Linear } from '../linear.ts';
import { hasCodes, int8Variants, type Rounding } from '../matmul-int8/variants.ts';
import productWgsl from '../product.wgsl';
import { isInt8Tokens } from './format.ts';
import quantizeWgsl from './quantize.wgsl';

const linear: Linear = {
  columns: ({ axes }) => axes.n!,
  parts: 1,
  result: productWgsl,
};

/** The format that asks for this kernel is that of the weight itself in all that is stored. */
function asStored(problem: Problem): Problem {
  const format = formatOfB(problem);
  return isInt8Tokens(format) ? { ...problem, formats: { ...problem.formats, b: format.weights } } : problem;
}

const rounding: Rounding = { wgsl: quantizeWgsl, workgroups: () => rowCount, asStored };

/**
 * y = epilogue(round(a) · bᵀ), a rounded to int8 by rows, b integers of 1 to 8 bits.
 *
 * `matmul-int8` with one step for each row of the activation (each token), as W8A8 and W4A8 checkpoints have it: the largest
 * magnitude of the row over 127, up to 1/128 more. Outliers cost all of their row: `|error of y| ≤ step / 2 · Σ |b|`, where
 * `matmul-int8` has a step for each 32 columns. The same weights are read, and both variants give the same bits.
 */
export const matmulInt8Tokens: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'matmul-int8-tokens',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: { a: { shape: ['batch', 'm', 'k'], order: 'rows', isReread: true }, b: weightB },
  outputs: { y: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  supports: (problem) => hasCodes(asStored(problem)),
  variants: /* @__PURE__ */ int8Variants(linear, rounding),
});
