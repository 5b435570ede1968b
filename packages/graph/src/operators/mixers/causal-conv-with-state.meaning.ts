import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { causalConvWithState } from './causal-conv-with-state.ts';
import { convolved } from './convolution-meaning.ts';

export const causalConvWithStateMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['input', 'output'], axis: 2, states: { past_state: 'present_state' } },
  {
    operator: causalConvWithState,
    meaning: (context) => {
      const { output, last } = convolved(context, 'input', 'past_state', 2);
      return { output, present_state: last };
    },
  },
);
