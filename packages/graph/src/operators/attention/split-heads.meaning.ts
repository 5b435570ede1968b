import type { OperatorMeaning } from '../meaning.ts';
import { flatRows, rowsOf } from './plain-attention.ts';
import { splitHeads } from './split-heads.ts';

export const splitHeadsMeaning: OperatorMeaning = {
  operator: splitHeads,
  meaning: ({ attributes, value, shape }) => ({
    y: flatRows(rowsOf({ shape: shape('x'), data: value('x') }, Number(attributes.heads))),
  }),
};
