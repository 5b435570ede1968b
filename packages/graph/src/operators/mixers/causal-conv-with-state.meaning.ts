import type { OperatorMeaning } from '../meaning.ts';
import { causalConvWithState } from './causal-conv-with-state.ts';

export const causalConvWithStateMeaning: OperatorMeaning = {
  operator: causalConvWithState,
  meaning: ({ attributes, has, value, shape }) => {
    const [batch, channels, tokens] = shape('input') as [number, number, number];
    const taps = shape('weight')[2]!;
    const past = taps - 1;
    const output = new Float64Array(batch * channels * tokens);
    const present = new Float64Array(batch * channels * past);
    for (let line = 0; line < batch * channels; line++) {
      const input = (token: number): number => {
        if (token >= 0) return value('input')[line * tokens + token]!;
        return has('past_state') ? value('past_state')[line * past + past + token]! : 0;
      };
      for (let token = 0; token < tokens; token++) {
        let sum = has('bias') ? value('bias')[line % channels]! : 0;
        for (let j = 0; j < taps; j++)
          sum += value('weight')[(line % channels) * taps + j]! * input(token - past + j);
        output[line * tokens + token] = attributes.activation === 'none' ? sum : sum / (1 + Math.exp(-sum));
      }
      for (let i = 0; i < past; i++) present[line * past + i] = input(tokens - past + i);
    }
    return { output, present_state: present };
  },
};
