import type { OperatorMeaning } from '../meaning.ts';
import { attended } from './attention-parts.ts';
import { attentionScores } from './attention-scores.ts';

export const attentionScoresMeaning: OperatorMeaning = {
  operator: attentionScores,
  meaning: (context) => ({ scores: attended(context).scores }),
};
