import type { OperatorMeaning } from '../meaning.ts';
import { toeplitzAttention } from './toeplitz-attention.ts';
import { toeplitzSums } from './toeplitz-meaning.ts';

export const toeplitzAttentionMeaning: OperatorMeaning = {
  operator: toeplitzAttention,
  meaning: (context) => {
    const { attributes, shape, value } = context;
    const isCausal = attributes.causal === 1;
    const [rows, span] = shape('bias') as [number, number];
    const bias = value('bias');
    return {
      Y: toeplitzSums(context, isCausal ? 'zero' : 'head', (head, token, other) => {
        if (isCausal && other > token) return 0;
        const row = Math.floor((head * rows) / Number(attributes.q_num_heads));
        return Math.exp(bias[row * span + other - token + (span - 1) / 2]!);
      }),
    };
  },
};
