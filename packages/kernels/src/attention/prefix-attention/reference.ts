import { attentionContract } from '../contract.ts';
import { attentionOrders } from '../orders.ts';
import { rowAddress } from '../../memory/memory-order.ts';
import type { Oracle, Round } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

/** A softmax of its own for every prefix; what came before is one more item, which weighs as much as its sum. */
export const prefixAttentionReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { batch, keys, heads, kv_heads, head_size, value_size } = axes as Readonly<Record<string, number>> & {
    [name: string]: number;
  };
  const defaults = Object.entries(attentionContract.options!).map(([name, [first]]) => [name, first]);
  const orders = attentionOrders({
    axes: { ...axes, queries: keys! },
    options: { ...Object.fromEntries(defaults), ...options },
  });
  const [kAt, vAt, yAt] = [orders.k, orders.v, orders.y].map(({ order, sizes }) =>
    rowAddress(order, sizes),
  ) as [Address, Address, Address];
  const carry = options.carry === true;
  const y = new Float64Array(batch! * keys! * heads! * value_size!);
  const carried = new Float64Array(batch! * heads! * value_size!);
  const carried_peak = new Float64Array(batch! * heads!);
  const carried_sum = new Float64Array(batch! * heads!);
  const scale = scalars.scale === 0 ? 1 / Math.sqrt(head_size!) : scalars.scale!;
  const cap = Number(options.softcap);
  for (let b = 0; b < batch!; b++)
    for (let h = 0; h < heads!; h++) {
      const kvHead = Math.floor((h * kv_heads!) / heads!);
      const row = b * heads! + h;
      const length = options.lengths === true ? Math.min(inputs.lengths![b]!, keys!) : keys!;
      const q = inputs.q!.subarray(h * head_size!, (h + 1) * head_size!);
      const items = Array.from({ length }, (_, t): Item => {
        const k = inputs.k!.subarray(kAt(b, kvHead, t));
        const products = q.map((value, c) => round(value * k[c]!));
        const scaled = round(pairwiseSum(products, round) * scale);
        const score = cap > 0 ? round(cap * Math.tanh(scaled / cap)) : scaled;
        const at = vAt(b, kvHead, t);
        return { score, sum: 1, values: inputs.v!.subarray(at, at + value_size!) };
      });
      const before = carry && inputs.carried_sum![row] !== 0 ? 1 : 0;
      if (before)
        items.unshift({
          score: inputs.carried_peak![row]!,
          sum: inputs.carried_sum![row]!,
          values: inputs.carried!.subarray(row * value_size!, (row + 1) * value_size!),
        });
      for (let t = 0; t < keys!; t++) {
        const { sum, values } = merged(items.slice(0, before + Math.min(t + 1, length)), value_size!, round);
        const normal = sum === 0 ? 0 : round(1 / sum);
        y.set(
          values.map((value) => round(value * normal)),
          yAt(b, h, t),
        );
      }
      const all = merged(items, value_size!, round);
      carried.set(all.values, row * value_size!);
      carried_peak[row] = all.score;
      carried_sum[row] = all.sum;
    }
  return carry ? { y, carried, carried_peak, carried_sum } : { y };
};

type Address = (batch: number, head: number, index: number) => number;

/** A key, or several: their largest score, and sums of weights and of weighted values relative to it. */
interface Item {
  readonly score: number;
  readonly sum: number;
  readonly values: Float64Array;
}

function merged(items: readonly Item[], size: number, round: Round): Item {
  const score = items.reduce((most, item) => Math.max(most, item.score), -Infinity);
  const weights = items.map((item) =>
    item.score === -Infinity ? 0 : round(Math.exp(round(item.score - score))),
  );
  const total = (of: (item: Item) => number): number =>
    pairwiseSum(
      items.map((item, i) => round(weights[i]! * of(item))),
      round,
    );
  return {
    score: items.length > 0 ? score : 0,
    sum: total((item) => item.sum),
    values: Float64Array.from({ length: size }, (_, c) => total((item) => item.values[c]!)),
  };
}
