import { rotate } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { rope } from './rope.ts';

export const ropeMeaning: OperatorMeaning = {
  operator: rope,
  meaning: ({ attributes, value, shape }) => {
    const half = shape('table')[1]!;
    const heads = Number(attributes.heads);
    const pair = (i: number): readonly [number, number] =>
      attributes.interleaved === 1 ? [2 * i, 2 * i + 1] : [i, i + half];
    return { y: rotate(value('x'), heads, value('table'), half, value('positions'), pair) };
  },
};
