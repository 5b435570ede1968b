import { noKey } from '../select.ts';
import { scoreRows } from '../scores-reference.ts';
import type { Oracle } from '../../contract/check.ts';
import { compareDescending } from '../../numbers/ordered.ts';

/** The best of each row's scores. */
export const topKeysReference: Oracle = (input) => {
  const { batch, heads, queries, selected } = input.axes as Readonly<
    Record<'batch' | 'heads' | 'queries' | 'selected', number>
  >;
  const indices = new Float64Array(batch * heads * queries * selected).fill(noKey);
  const scores = new Float64Array(indices.length);
  scoreRows(input, ({ batch: b, head, index, scores: row }) => {
    const seen = Array.from(row.keys()).filter((key) => row[key] !== -Infinity);
    const best = seen
      .sort((one, other) => compareDescending(row[one]!, row[other]!) || one - other)
      .slice(0, selected);
    const first = ((b * heads + head) * queries + index) * selected;
    indices.set(best, first);
    scores.set(
      best.map((key) => row[key]!),
      first,
    );
  });
  return input.options.scores === true ? { indices, scores } : { indices };
};
