import { attendRows } from '../reference.ts';
import { unusedValues } from '../scores-reference.ts';
import type { Oracle } from '../../contract/check.ts';

/** What the rows of attention were made of. */
export const attentionWeightsReference: Oracle = (input) => {
  const { batch, heads, queries, keys } = input.axes as Readonly<
    Record<'batch' | 'heads' | 'queries' | 'keys', number>
  >;
  const { stage } = input.options;
  const plain = unusedValues(input);
  const ofAll = stage === 'raw' || stage === 'softcap';
  const asIs = (score: number): number => score;
  const values = {
    load_v: (_: unknown, stored: () => Float64Array) => stored(),
    epilogue: (row: Float64Array) => row,
  };
  const scores = new Float64Array(batch * heads * queries * keys).fill(stage === 'bias' ? -Infinity : 0);
  attendRows(
    {
      ...plain,
      options: {
        ...plain.options,
        ...(ofAll && { causal: false, window_left: -1, window_right: -1 }),
        ...(ofAll && { lengths: false }),
        ...(stage === 'raw' && { softcap: 0 }),
      },
      slots: { ...input.slots, ...values, ...(ofAll && { score: asIs, mask: asIs }) },
    },
    ({ batch: b, head, index, scores: row, weights }) =>
      scores.set(stage === 'weights' ? weights : row, ((b * heads + head) * queries + index) * keys),
  );
  return { scores };
};
