import type { Evaluation, EvaluationRow } from '@tilewright/models';
import type { Size } from '../model/size-of.ts';
import type { SplitText } from '../model/texts.ts';

/** All figures; what `--json` writes. */
export interface EvaluationResult extends Omit<Evaluation, 'rows'> {
  readonly model: string;
  readonly sources: SplitText['sources'];
  readonly calibrationWindows: number;
  readonly rows: readonly (EvaluationRow & Size)[];
}
