import type { Oracle, OracleInput } from '../contract/check.ts';
import { pairwiseSum } from '../numbers/pairwise-sum.ts';
import { attentionSettings } from './contract.ts';
import { attentionOrders } from './orders.ts';
import { rowAddress } from '../memory/memory-order.ts';
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
import type { SelectReference } from './select.ts';

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
  /** Of kernels whose queries name their keys. */
  readonly select?: SelectReference;
}

/** Attention, one query at a time, every slot as its filling says: the oracle of all attention kernels. */
export const attentionReference: Oracle = (input) => attendRows(input, () => {});

/** A row's scores (-Infinity where a key is not seen) and weights, of its named keys or all, before they meet the values. */
export interface ScoredRow extends RowPlace {
  readonly scores: Float64Array;
  readonly weights: Float64Array;
}

/** The same, row by row, for those who want to see what the weights were. */
export function attendRows(input: OracleInput, visit: (row: ScoredRow) => void): ReturnType<Oracle> {
  const { axes, inputs, round } = input;
  const { batch, heads, kv_heads, value_size } = axes as unknown as Axes;
  const slots = input.slots as unknown as References;
  const settings = attentionSettings(input);
  const orders = attentionOrders(input);
  const ranges = { q: rangesOf('q', input), k: rangesOf('k', input) };
  const addressOf = (tensor: 'q' | 'k' | 'v' | 'y'): ReturnType<typeof rowAddress> => {
    const { order, sizes } = orders[tensor];
    const at = rowAddress(order, sizes);
    const range = ranges[tensor === 'q' || tensor === 'y' ? 'q' : 'k'];
    return settings.packed ? (b, head, index) => at(0, head, range(b).start + index) : at;
  };
  const addresses = { q: addressOf('q'), k: addressOf('k'), v: addressOf('v'), y: addressOf('y') };
  const lengthOf = (b: number): number =>
    Math.min(settings.lengths ? inputs.lengths![b]! : Infinity, ranges.k(b).count);
  const positionOf = (b: number, query: number): number =>
    query + settings.offset + (settings.alignment === 'end' ? lengthOf(b) - ranges.q(b).count : 0);
  const isListed = listedBlocks(input);
  const scopes = Object.fromEntries(
    Object.keys(slots).map((slot) => [slot, scopeOf(slot, input, positionOf, lengthOf)]),
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

  const rows = settings.packed ? axes.tokens! : batch * axes.queries!;
  const y = new Float64Array(rows * heads * value_size);
  const lse = new Float64Array(rows * heads);
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const length = lengthOf(b);
      const { start, count: queries } = ranges.q(b);
      const kvHead = Math.floor((head * kv_heads) / heads);
      const k = Array.from({ length }, (_, index) => row('k', { batch: b, head: kvHead, index }));
      const v = Array.from({ length }, (_, index) => row('v', { batch: b, head: kvHead, index }));
      for (let query = 0; query < queries; query++) {
        const place = { batch: b, head, index: query };
        const q = row('q', place);
        const position = positionOf(b, query);
        const pairOf = (key: number): PairPlace => ({ batch: b, head, query, key, position, length });
        const named = slots.select && { of: slots.select, count: axes.selected! };
        const keys = named
          ? Array.from({ length: named.count }, (_, at) => named.of(place, at, scopes.select))
          : Array.from(k.keys());
        const scores = Float64Array.from(keys, (key) => {
          if (!(key < length) || !sees(position, key) || !isListed(head, query, key)) return -Infinity;
          const pair = pairOf(key);
          const scaled = round(slots.similarity(q, k[key]!, scopes.similarity) * settings.scale);
          const capped =
            settings.softcap > 0 ? round(settings.softcap * Math.tanh(scaled / settings.softcap)) : scaled;
          return slots.mask(slots.score(capped, pair, scopes.score), pair, scopes.mask);
        });
        const { weights: shares, logSumExp } = slots.weight(scores, head, scopes.weight);
        const weights = shares.map((weight, at) =>
          scores[at] === -Infinity ? 0 : slots.reweight(weight, pairOf(keys[at]!), scopes.reweight),
        );
        visit({ ...place, scores, weights });
        const out = Float64Array.from({ length: value_size }, (_, channel) =>
          pairwiseSum(
            weights.map((weight, at) => (weight === 0 ? 0 : round(weight * (v[keys[at]!]?.[channel] ?? 0)))),
            round,
          ),
        );
        y.set(slots.epilogue(out, place, scopes.epilogue), addresses.y(b, head, query));
        lse[settings.packed ? head * rows + start + query : (b * heads + head) * queries + query] = logSumExp;
      }
    }
  return settings.lse ? { y, lse } : { y };
}

/** Where a batch row's queries or keys begin among packed tokens, and how many there are. */
function rangesOf(
  side: 'q' | 'k',
  { axes, inputs, options }: OracleInput,
): (batch: number) => { readonly start: number; readonly count: number } {
  if (options.packed !== true) {
    const count = axes[side === 'q' ? 'queries' : 'keys']!;
    return () => ({ start: 0, count });
  }
  const starts = inputs[`${side}_starts`]!;
  const tokens = axes[side === 'q' ? 'tokens' : 'key_tokens']!;
  return (b) => {
    const start = Math.min(starts[b]!, tokens);
    return { start, count: Math.max(Math.min(starts[b + 1]!, tokens), start) - start };
  };
}

/** Whether a key is in a block that the query's list has. */
function listedBlocks(input: OracleInput): (head: number, query: number, key: number) => boolean {
  const { listed, blockSize, blockHeads } = attentionSettings(input);
  if (!listed) return () => true;
  const { block_starts, block_keys } = input.inputs;
  const lists = Math.ceil(input.axes.queries! / blockSize);
  return (head, query, key) => {
    const list = (blockHeads ? head * lists : 0) + Math.floor(query / blockSize);
    return block_keys!
      .subarray(block_starts![list], block_starts![list + 1])
      .includes(Math.floor(key / blockSize));
  };
}

interface Axes {
  readonly batch: number;
  readonly heads: number;
  readonly kv_heads: number;
  readonly value_size: number;
}

function scopeOf(
  slot: string,
  { inputs, axes, uniforms, round }: OracleInput,
  positionOf: FillingScope['positionOf'],
  lengthOf: FillingScope['lengthOf'],
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
    lengthOf,
    round,
  };
}
