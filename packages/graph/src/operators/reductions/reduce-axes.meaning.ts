import type { OperatorMeaning } from '../meaning.ts';
import { reduceAxes } from './reduce-axes.ts';
import { reduced } from './reduced.ts';

const steps: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((total, each) => total + each, 0),
  mean: (values) => values.reduce((total, each) => total + each, 0) / values.length,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  product: (values) => values.reduce((product, each) => product * each, 1),
  'sum-of-squares': (values) => values.reduce((total, each) => total + each * each, 0),
};

export const reduceAxesMeaning: OperatorMeaning = {
  operator: reduceAxes,
  meaning: ({ attributes, value, shape }) => {
    const { from, to, operation } = attributes as {
      readonly from: number;
      readonly to: number;
      readonly operation: string;
    };
    const axes = Array.from({ length: to - from }, (_, i) => from + i);
    return { reduced: reduced(value('data'), shape('data'), axes, steps[operation]!) };
  },
};
