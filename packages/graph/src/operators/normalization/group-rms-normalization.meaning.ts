import { rmsNormalise } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { groupRmsNormalization } from './group-rms-normalization.ts';

export const groupRmsNormalizationMeaning: OperatorMeaning = {
  operator: groupRmsNormalization,
  meaning: ({ attributes, has, value, shape }) => {
    const length = shape('X').at(-1)! / Number(attributes.groups);
    const Y = rmsNormalise(value('X'), length, Number(attributes.epsilon));
    return { Y: has('scale') ? Y.map((each, i) => each * value('scale')[i % length]!) : Y };
  },
};
