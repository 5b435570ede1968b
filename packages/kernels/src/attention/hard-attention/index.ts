import { validateExtents } from '../validate-extents.ts';
import { validateAttention } from '../validate.ts';
import { asAttention, loopContract, scoreTileVariant } from '../score-tiles.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import orderedWgsl from '../../numbers/ordered.wgsl';
import hardWgsl from './hard-attention.wgsl';

/**
 * y = v at the largest scale · q kᵀ + bias, the lowest index among equals.
 *
 * Attention that takes one value per query, that of the key with the largest score, the lowest index among equals
 * (hard attention; programs as transformers, Friedman et al. 2023, arXiv 2306.01128).
 *
 * Tensors, options and slots are those of flash-attention, less the softmax. `indices`, u32 `[batch, heads, queries]`, is
 * the chosen key, 4294967295 for a query that sees none, whose `y` is zero. Scores are compared as f32.
 */
export const hardAttention: Kernel<'q' | 'k' | 'v' | 'lengths', 'y' | 'indices'> =
  /* @__PURE__ */ defineKernel({
    axes: loopContract.axes,
    inputs: loopContract.inputs,
    dtypes: loopContract.dtypes,
    slots: loopContract.slots,
    name: 'hard-attention',
    outputs: {
      y: loopContract.y,
      indices: { shape: ['batch', 'heads', 'queries'], dtype: 'u32', when: ['indices', true] },
    },
    scalars: loopContract.scalars,
    options: { ...loopContract.options, indices: [false, true] },
    validate: (problem) =>
      validateAttention('hard-attention', { validate: validateExtents })(asAttention(problem)),
    variants: [
      scoreTileVariant((problem) => ({
        settings: asAttention(problem),
        wgsl: [
          orderedWgsl,
          hardWgsl,
          `fn store_index(row: u32, key: u32) {${problem.options.indices === true ? ' indices_store(row, key); ' : ''}}`,
        ],
      })),
    ],
  });
