import type { OperatorMeaning } from '../meaning.ts';
import { longConvolutionOf } from './long-convolution-meaning.ts';
import { longConvolution } from './long-convolution.ts';

export const longConvolutionMeaning: OperatorMeaning = longConvolutionOf(longConvolution);
