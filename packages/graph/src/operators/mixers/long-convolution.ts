import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { convolutionByTransforms } from './convolution-by-transforms.ts';
import {
  longConvolutionInputs,
  longConvolutionRequest,
  longConvolutionTypes,
} from './define-long-convolution.ts';

/**
 * Each channel's convolution with a filter as long as the sequence: `y_t = Σ_{s ≤ t} h_{t−s} ⊙ x_s + D ⊙ x_t` (Hyena; Poli et al. 2023, arXiv
 * 2302.10866). `x` and `y` are `[batch, tokens, channels]`, `h` `[taps, channels]`, `D` `[channels]` in f32 or f16; missing taps are 0, taps
 * beyond the tokens unused. `bidirectional` 1: the middle of an odd number of taps stands at t. By Fourier transforms where the tokens are a number and
 * those take fewer loads, else direct sums.
 */
export const longConvolution: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'LongConvolution',
  inputs: longConvolutionInputs,
  attributes: { bidirectional: { type: 'integer', default: 0, choices: [0, 1] } },
  infer: (context) => longConvolutionTypes(context, 1, context.attributes.bidirectional === 1),
  expand: (node, context) => convolutionByTransforms(node, context, node.attributes.bidirectional === 1),
  lower: (node, context) => longConvolutionRequest(node, context, node.attributes.bidirectional === 1),
});
