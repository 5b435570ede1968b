import type { Oracle, OracleInput } from '../core/check.ts';
import { pairwiseSum } from '../core/pairwise-sum.ts';
import { attentionOrders, attentionSettings } from './contract.ts';
import { rowAddress } from './memory-order.ts';
import type {
  EpilogueReference,
  FillingScope,
  LoadReference,
  MaskReference,
  PairPlace,
  ReweightReference,
  RowPlace,
  ScoreReference,
  SimilarityReference,
  WeightReference,
} from './slots.ts';

interface References {
  readonly load_q: LoadReference;
  readonly load_k: LoadReference;
  readonly load_v: LoadReference;
  readonly similarity: SimilarityReference;
  readonly score: ScoreReference;
  readonly mask: MaskReference;
  readonly weight: WeightReference;
  readonly reweight: ReweightReference;
  readonly epilogue: EpilogueReference;
}

/** Attention, one query at a time, every slot as its filling says: the oracle of all attention kernels. */
export const attentionReference: Oracle = (input) => {
  const { axes, inputs, round } = input;
  const { batch, queries, keys, heads, kv_heads, value_size } = axes as unknown as Axes;
  const slots = input.slots as unknown as References;
  const settings = attentionSettings(input);
  const orders = attentionOrders(input);
  const addresses = {
    q: rowAddress(orders.q.order, orders.q.sizes),
    k: rowAddress(orders.k.order, orders.k.sizes),
    v: rowAddress(orders.v.order, orders.v.sizes),
    y: rowAddress(orders.y.order, orders.y.sizes),
  };
  const lengthOf = (b: number): number => Math.min(settings.lengths ? inputs.lengths![b]! : keys, keys);
  const positionOf = (b: number, query: number): number =>
    settings.alignment === 'end' ? query + lengthOf(b) - queries : query;
  const scopes = Object.fromEntries(
    Object.keys(slots).map((slot) => [slot, scopeOf(slot, input, positionOf)]),
  ) as Record<keyof References, FillingScope>;
  const row = (tensor: 'q' | 'k' | 'v', place: RowPlace): Float64Array => {
    const at = addresses[tensor](place.batch, place.head, place.index);
    const stored = (): Float64Array => inputs[tensor]!.subarray(at, at + orders[tensor].sizes.d);
    return slots[`load_${tensor}`](place, stored, scopes[`load_${tensor}`]);
  };
  const sees = (position: number, key: number): boolean =>
    !(settings.causal && key > position) &&
    !(settings.windowLeft >= 0 && key < position - settings.windowLeft) &&
    !(settings.windowRight >= 0 && key > position + settings.windowRight);

  const y = new Float64Array(batch * queries * heads * value_size);
  const lse = new Float64Array(batch * heads * queries);
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const length = lengthOf(b);
      const kvHead = Math.floor((head * kv_heads) / heads);
      const k = Array.from({ length }, (_, index) => row('k', { batch: b, head: kvHead, index }));
      const v = Array.from({ length }, (_, index) => row('v', { batch: b, head: kvHead, index }));
      for (let query = 0; query < queries; query++) {
        const place = { batch: b, head, index: query };
        const q = row('q', place);
        const position = positionOf(b, query);
        const pairOf = (key: number): PairPlace => ({ batch: b, head, query, key, position, length });
        const scores = Float64Array.from(k, (kRow, key) => {
          if (!sees(position, key)) return -Infinity;
          const pair = pairOf(key);
          const scaled = round(slots.similarity(q, kRow, scopes.similarity) * settings.scale);
          const capped =
            settings.softcap > 0 ? round(settings.softcap * Math.tanh(scaled / settings.softcap)) : scaled;
          return slots.mask(slots.score(capped, pair, scopes.score), pair, scopes.mask);
        });
        const { weights: shares, logSumExp } = slots.weight(scores, head, scopes.weight);
        const weights = shares.map((weight, key) =>
          scores[key] === -Infinity ? 0 : slots.reweight(weight, pairOf(key), scopes.reweight),
        );
        const out = Float64Array.from({ length: value_size }, (_, channel) =>
          pairwiseSum(
            weights.map((weight, key) => round(weight * v[key]![channel]!)),
            round,
          ),
        );
        y.set(slots.epilogue(out, place, scopes.epilogue), addresses.y(b, head, query));
        lse[(b * heads + head) * queries + query] = logSumExp;
      }
    }
  return settings.lse ? { y, lse } : { y };
};

interface Axes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kv_heads: number;
  readonly value_size: number;
}

function scopeOf(
  slot: string,
  { inputs, axes, uniforms, round }: OracleInput,
  positionOf: FillingScope['positionOf'],
): FillingScope {
  return {
    tensor: (binding) => inputs[`${slot}.${binding}`]!,
    uniforms: Object.fromEntries(
      Object.entries(uniforms).flatMap(([name, value]) =>
        name.startsWith(`${slot}_`) ? [[name.slice(slot.length + 1), value]] : [],
      ),
    ),
    axes,
    positionOf,
    round,
  };
}
