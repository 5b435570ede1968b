import { rmsNormalise } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { rmsNormalization } from './rms-normalization.ts';
import { normRows } from './rows-meaning.ts';

export const rmsNormalizationMeaning: OperatorMeaning = {
  operator: rmsNormalization,
  meaning: (context) => {
    const { x, columns, spread } = normRows(context);
    const gain = spread('scale', 1);
    return {
      Y: rmsNormalise(x, columns, Number(context.attributes.epsilon)).map((each, i) => each * gain[i]!),
    };
  },
};
