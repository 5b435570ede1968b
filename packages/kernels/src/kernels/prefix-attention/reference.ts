import { attentionContract, attentionOrders } from '../../attention/contract.ts';
import { rowAddress } from '../../attention/memory-order.ts';
import { attentionSlots, masked, type WeightReference } from '../../attention/slots.ts';
import type { Oracle, Round } from '../../core/check.ts';
import { pairwiseSum } from '../../core/pairwise-sum.ts';

const softmax = attentionSlots.weight.default.reference as WeightReference;

/** A softmax of its own for every prefix; what came before is one more key, whose score is its log-sum-exp. */
export const prefixAttentionReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { batch, keys, heads, kv_heads, head_size, value_size } = axes as Readonly<Record<string, number>> & {
    [name: string]: number;
  };
  const defaults = Object.entries(attentionContract.options!).map(([name, [first]]) => [name, first]);
  const orders = attentionOrders({
    axes: { ...axes, queries: keys! },
    options: { ...Object.fromEntries(defaults), ...options },
  });
  const [kAt, vAt, yAt] = [orders.k, orders.v, orders.y].map(({ order, sizes }) => rowAddress(order, sizes)) as [
    Address,
    Address,
    Address,
  ];
  const carry = options.carry === true;
  const y = new Float64Array(batch! * keys! * heads! * value_size!);
  const carried = new Float64Array(batch! * heads! * value_size!);
  const carried_lse = new Float64Array(batch! * heads!);
  const scale = scalars.scale === 0 ? 1 / Math.sqrt(head_size!) : scalars.scale!;
  const cap = Number(options.softcap);
  for (let b = 0; b < batch!; b++)
    for (let h = 0; h < heads!; h++) {
      const kvHead = Math.floor((h * kv_heads!) / heads!);
      const row = b * heads! + h;
      const length = options.lengths === true ? Math.min(inputs.lengths![b]!, keys!) : keys!;
      const q = inputs.q!.subarray(h * head_size!, (h + 1) * head_size!);
      const own = Array.from({ length }, (_, t) => {
        const k = inputs.k!.subarray(kAt(b, kvHead, t));
        const scaled = round(pairwiseSum(q.map((value, c) => round(value * k[c]!)), round) * scale);
        return cap > 0 ? round(cap * Math.tanh(scaled / cap)) : scaled;
      });
      const values = Array.from({ length }, (_, t) => {
        const at = vAt(b, kvHead, t);
        return inputs.v!.subarray(at, at + value_size!);
      });
      if (carry) {
        const before = inputs.carried_lse![row]!;
        own.unshift(before > masked / 2 ? before : -Infinity);
        values.unshift(inputs.carried!.subarray(row * value_size!, (row + 1) * value_size!));
      }
      const upTo = (count: number): ReturnType<typeof attend> =>
        attend(own.slice(0, count), values, value_size!, round);
      const first = carry ? 1 : 0;
      for (let t = 0; t < keys!; t++) y.set(upTo(first + Math.min(t + 1, length)).out, yAt(b, h, t));
      const last = upTo(first + length);
      carried.set(last.out, row * value_size!);
      carried_lse[row] = last.logSumExp;
    }
  return carry ? { y, carried, carried_lse } : { y };
};

type Address = (batch: number, head: number, index: number) => number;

function attend(
  scores: readonly number[],
  values: readonly Float64Array[],
  size: number,
  round: Round,
): { readonly out: Float64Array; readonly logSumExp: number } {
  const scope = { round } as Parameters<WeightReference>[2];
  const { weights, logSumExp } = softmax(Float64Array.from(scores), 0, scope);
  const out = Float64Array.from({ length: size }, (_, c) =>
    pairwiseSum(
      weights.map((weight, t) => round(weight * values[t]![c]!)),
      round,
    ),
  );
  return { out, logSumExp };
}
