import { validateExtents } from '../validate-extents.ts';
import { validateAttention } from '../validate.ts';
import { asAttention, loopContract, scoreTileVariant } from '../score-tiles.ts';
import type { Problem } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import clippedWgsl from './clipped-softmax-attention.wgsl';

const name = 'clipped-softmax-attention';

function validate(problem: Problem): void {
  const { zeta, gamma } = problem.scalars as { zeta: number; gamma: number };
  if (zeta < 1 || gamma > 0)
    throw new TilewrightError('bad-argument', {
      subject: name,
      problem: `zeta is ${zeta} and gamma is ${gamma}`,
      requirement:
        'zeta is 1 or more and gamma 0 or less, so that weights are stretched and then clipped to 0 … 1',
      fix: 'change them, or use flash-attention, which clips nothing',
    });
  validateAttention(name, { validate: validateExtents })(asAttention(problem));
}

/**
 * y = clip((ζ - γ) · softmax(scale · q kᵀ + bias) + γ, 0, 1) v.
 *
 * Attention whose softmax is stretched and clipped, so that weights reach 0 and 1 at finite scores: heads that have nothing
 * to do need no outliers for it (Bondarenko et al. 2023, arXiv 2306.12929).
 *
 * Tensors, options and slots are those of flash-attention, less the softmax. `zeta` is 1 or more, `gamma` 0 or less, in the
 * paper -α / keys. Throws `bad-argument`.
 */
export const clippedSoftmaxAttention: Kernel<'q' | 'k' | 'v' | 'lengths', 'y'> = /* @__PURE__ */ defineKernel(
  {
    axes: loopContract.axes,
    inputs: loopContract.inputs,
    dtypes: loopContract.dtypes,
    slots: loopContract.slots,
    name,
    outputs: { y: loopContract.y },
    scalars: { ...loopContract.scalars, zeta: 1, gamma: null },
    options: loopContract.options,
    validate,
    variants: [
      scoreTileVariant((problem) => ({
        settings: asAttention(problem),
        constants: { ZETA: { f32: problem.scalars.zeta! }, GAMMA: { f32: problem.scalars.gamma! } },
        wgsl: [clippedWgsl],
      })),
    ],
  },
);
