import { validateExtents } from '../validate-extents.ts';
import { validateAttention } from '../validate.ts';
import { asAttention, loopContract, scoreTileVariant } from '../score-tiles.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import stickWgsl from './stick-breaking-attention.wgsl';

const { causal: _, window_right: _right, ...options } = loopContract.options;
const always = { causal: true };

/**
 * y = Σⱼ σ(sⱼ) Πₖ₌ⱼ₊₁… (1 - σ(sₖ)) vⱼ, s = scale · q kᵀ + bias, causal.
 *
 * Causal attention whose weights break a stick, from the newest key backwards: each key takes the share sigmoid(s) of what
 * newer keys left (Shen et al. 2023, ModuleFormer, arXiv 2306.04640; Tan et al. 2024, arXiv 2410.17980).
 *
 * Tensors, options and slots are those of flash-attention, less the softmax. `attend_self: false` leaves a query's own key
 * out. `remainder`, f32 `[batch, heads, queries]`, is what is left of the stick: one minus the sum of the weights.
 */
export const stickBreakingAttention: Kernel<'q' | 'k' | 'v' | 'lengths', 'y' | 'remainder'> =
  /* @__PURE__ */ defineKernel({
    axes: loopContract.axes,
    inputs: loopContract.inputs,
    dtypes: loopContract.dtypes,
    slots: loopContract.slots,
    name: 'stick-breaking-attention',
    outputs: {
      y: loopContract.y,
      remainder: { shape: ['batch', 'heads', 'queries'], dtype: 'f32', when: ['remainder', true] },
    },
    scalars: loopContract.scalars,
    options: { ...options, attend_self: [true, false], remainder: [false, true] },
    validate: (problem) =>
      validateAttention('stick-breaking-attention', { validate: validateExtents })(
        asAttention(problem, always),
      ),
    variants: [
      scoreTileVariant((problem) => ({
        settings: asAttention(problem, always),
        constants: { ATTEND_SELF: problem.options.attend_self === true },
        wgsl: [
          stickWgsl,
          `fn store_remainder(row: u32, value: f32) {${problem.options.remainder === true ? ' remainder_store(row, value); ' : ''}}`,
        ],
      })),
    ],
  });
