import { rotate } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { rope } from './rope.ts';

export const ropeMeaning: OperatorMeaning = {
  operator: rope,
  meaning: ({ attributes, value, shape }) => {
    const half = shape('table')[1]!;
    const heads = Number(attributes.heads);
    return {
      y: rotate(value('x'), heads, value('table'), half, value('positions'), (i) => [i, i + half]),
    };
  },
};
