import type { Filling } from '@tilewright/kernels';
import type { MaskReference, PairPlace } from '@tilewright/kernels/attention';
import type { Operator } from '../../ir.ts';
import type { OperatorMeaning } from '../meaning.ts';

/** What an operator of a filling means: what the filling's reference makes of a score of 0. */
export const fillingMeaning = (operator: Operator, filling: Filling<MaskReference>): OperatorMeaning => ({
  operator,
  meaning: ({ value, shape }) => {
    const [, heads, tokens, keys] = shape('scores') as [number, number, number, number];
    const sequences = value('sequences');
    const rows = sequences.length / 2 - 1;
    const rowOf = (token: number): number =>
      Array.from({ length: rows }, (_, row) => row).findLast(
        (row) => sequences[2 * row]! <= token && token < sequences[2 * row + 2]!,
      )!;
    const lengthOf = (row: number): number =>
      sequences[2 * row + 1]! + sequences[2 * row + 2]! - sequences[2 * row]!;
    const positionOf = (row: number, query: number): number => sequences[2 * row + 1]! + query;
    const scores = new Float64Array(heads * tokens * keys);
    for (let token = 0; token < tokens; token++) {
      const row = rowOf(token);
      const query = token - sequences[2 * row]!;
      for (let head = 0; head < heads; head++)
        for (let key = 0; key < lengthOf(row); key++) {
          const pair: PairPlace = {
            batch: row,
            head,
            query,
            key,
            position: positionOf(row, query),
            length: lengthOf(row),
          };
          scores[(head * tokens + token) * keys + key] = filling.reference(0, pair, {
            tensor: value,
            uniforms: {},
            axes: { batch: rows, heads, keys, queries: tokens },
            positionOf,
            lengthOf,
            round: (x) => x,
          });
        }
    }
    return { scores };
  },
});
