import type { OperatorMeaning } from '../meaning.ts';
import { longConvolutionOf } from './long-convolution-meaning.ts';
import { longConvolution2d } from './long-convolution2d.ts';

export const longConvolution2dMeaning: OperatorMeaning = longConvolutionOf(longConvolution2d);
