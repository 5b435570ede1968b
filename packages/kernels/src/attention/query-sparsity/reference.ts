import { scoreRows } from '../scores-reference.ts';
import type { Oracle } from '../../contract/check.ts';

/** By each row's scores. */
export const querySparsityReference: Oracle = (input) => {
  const { batch, heads, queries } = input.axes as Readonly<Record<'batch' | 'heads' | 'queries', number>>;
  const { round } = input;
  const measure = new Float64Array(batch * heads * queries);
  scoreRows(input, ({ batch: b, head, index, scores }) => {
    const seen = scores.filter((score) => score !== -Infinity);
    const mean = round(seen.reduce((sum, score) => round(sum + score), 0) / seen.length);
    const largest = seen.reduce((most, score) => Math.max(most, score), -Infinity);
    measure[(b * heads + head) * queries + index] = seen.length > 0 ? round(largest - mean) : 0;
  });
  return { measure };
};
