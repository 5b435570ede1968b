import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { convolutionByTransforms } from './convolution-by-transforms.ts';
import {
  longConvolutionInputs,
  longConvolutionRequest,
  longConvolutionTypes,
} from './define-long-convolution.ts';

/**
 * LongConvolution along two axes, causal in both: `x` and `y` `[batch, Y, X, channels]`, `h` `[taps of Y, taps of X, channels]`, `D`
 * `[channels]`.
 */
export const longConvolution2d: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'LongConvolution2d',
  inputs: longConvolutionInputs,
  infer: (context) => longConvolutionTypes(context, 2, false),
  expand: (node, context) => convolutionByTransforms(node, context, false),
  lower: (node, context) => longConvolutionRequest(node, context, false),
});
