import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { convolved } from './convolution-meaning.ts';
import { shortConvolution } from './short-convolution.ts';

export const shortConvolutionMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['x', 'y'], states: { initial: 'final' } },
  {
    operator: shortConvolution,
    meaning: (context) => {
      const { output, last } = convolved(context, 'x', 'initial', 1);
      return { y: output, final: last };
    },
  },
);
