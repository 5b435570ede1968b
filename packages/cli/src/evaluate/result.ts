import type { Evaluation, EvaluationRow } from '@tilewright/models';
import type { SplitText } from '../model/texts.ts';

/** What a candidate weighs. */
export interface Size {
  /** Of the weights of linear layers inside the blocks, with all that belongs to them. */
  readonly bitsPerWeight: number;
  /** Of all weights, embedding included. */
  readonly weightBytes: number;
}

/** All figures; what `--json` writes. */
export interface EvaluationResult extends Omit<Evaluation, 'rows'> {
  readonly model: string;
  readonly sources: SplitText['sources'];
  readonly calibrationWindows: number;
  readonly rows: readonly (EvaluationRow & Size)[];
}
