import type { OperatorMeaning } from '../meaning.ts';
import { attended } from './attention-parts.ts';
import { fusedAttention } from './fused-attention.ts';

export const fusedAttentionMeaning: OperatorMeaning = {
  operator: fusedAttention,
  meaning: (context) => ({ Y: attended(context).y }),
};
