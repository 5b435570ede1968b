import { rowAddress } from '../../memory/memory-order.ts';
import { attentionOrders } from '../orders.ts';
import { attentionReference } from '../reference.ts';
import type { Oracle } from '../../contract/check.ts';

/** All rows, or those that were chosen, put among what was there. */
export const gatherAttentionReference: Oracle = (input) => {
  const all = attentionReference(input);
  if (input.options.rows !== 'chosen') return all;
  const { axes, inputs } = input;
  const { order, sizes } = attentionOrders(input).y;
  const [y, lse] = [inputs.y!.slice(), inputs.lse?.slice()];
  inputs.chosen!.forEach((query, i) => {
    if (query >= axes.queries!) return;
    const row = Math.floor(i / axes.chosen!);
    const [batch, head] = [Math.floor(row / axes.heads!), row % axes.heads!];
    const at = rowAddress(order, sizes)(batch, head, query);
    y.set(all.y!.subarray(at, at + axes.value_size!), at);
    if (lse) lse[row * axes.queries! + query] = all.lse![row * axes.queries! + query]!;
  });
  return lse ? { y, lse } : { y };
};
