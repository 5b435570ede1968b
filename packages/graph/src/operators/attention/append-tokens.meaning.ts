import type { OperatorMeaning } from '../meaning.ts';
import { appendTokens } from './append-tokens.ts';
import { flatRows, joinedRows, rowsOf } from './plain-attention.ts';

export const appendTokensMeaning: OperatorMeaning = {
  operator: appendTokens,
  meaning: ({ attributes, value, shape }) => {
    const rows = (role: string) =>
      rowsOf({ shape: shape(role), data: value(role) }, Number(attributes.heads));
    return { present: flatRows(joinedRows(rows('past'), rows('update'))) };
  },
};
