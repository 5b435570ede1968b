import { checkOptions, nonNegativeInteger } from '../../contract/check-options.ts';
import type { FillingScope, MaskReference, PairPlace } from '../slots.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `mask`, in place of the option `causal`: spans that one token stands for once they are over (sentinel tokens; Ren et
 * al. 2023, arXiv 2310.08152). `mask.spans` (u32 `[batch, keys, 2]`, {@link sentinelSpans}) says of each place the first key
 * it sees as a query, and the last position that sees it as a key. Whatever falls out of sight may leave the cache.
 */
export const sentinelMask: Filling<MaskReference> = /* @__PURE__ */ Object.freeze({
  id: 'sentinels',
  bindings: { spans: { shape: ['batch', 'keys', 2], dtype: 'u32' as const, width: 2 as const } },
  wgsl: (slot: string) => `fn ${slot}_until(batch: u32, key: u32) -> i32 {
  return i32(min(${slot}_spans_load(batch * params.keys + key).y, 0x7fffffffu));
}
fn ${slot}(s: f32, pair: Pair) -> f32 {
  let place = pair.batch * params.keys + u32(clamp(pair.position, 0i, i32(params.keys) - 1i));
  let seen = pair.key >= ${slot}_spans_load(place).x && i32(pair.key) <= pair.position;
  return select(MASKED, s, seen && pair.position <= ${slot}_until(pair.batch, pair.key));
}
fn ${slot}_tile(tile: Tile) -> u32 {
  let first = query_position(tile.batch, tile.query);
  if (i32(tile.key) > first + i32(tile.queries) - 1i) { return 0u; }
  for (var k = 0u; k < MANY; k++) {
    if (k >= tile.keys) { return 0u; }
    if (${slot}_until(tile.batch, tile.key + k) >= first) { return 1u; }
  }
  return 1u;
}`,
  reference: (score: number, { batch, key, position }: PairPlace, { tensor, axes }: FillingScope) => {
    const spans = tensor('spans').subarray(batch * axes.keys! * 2);
    const place = Math.min(Math.max(position, 0), axes.keys! - 1);
    const seen = key <= position && key >= spans[2 * place]! && position <= spans[2 * key + 1]!;
    return seen ? score : -Infinity;
  },
});

/** What {@link sentinelSpans} writes for places that are seen for ever. */
const forEver = 0x7fff_ffff;

/**
 * The table of {@link sentinelMask} for a row of tokens, u32 `[tokens, 2]`: a span from an `open` to the next `close` is seen
 * from within and by its `close`, which sees nothing else; later tokens see the `close` only. An open span at the end is
 * all seen.
 *
 * @throws `bad-argument` where spans are nested or close without having opened.
 */
export function sentinelSpans(
  tokens: ArrayLike<number>,
  options: { readonly open: number; readonly close: number },
): Uint32Array<ArrayBuffer> {
  checkOptions('sentinelSpans', options, { open: nonNegativeInteger, close: nonNegativeInteger });
  const { open, close } = options;
  const spans = new Uint32Array(2 * tokens.length);
  let opened = -1;
  for (let place = 0; place < tokens.length; place++) {
    const token = tokens[place];
    spans[2 * place + 1] = forEver;
    if (token !== open && token !== close) continue;
    if ((token === open) !== opened < 0)
      throw new TilewrightError('bad-argument', {
        subject: 'sentinelSpans',
        problem: `token ${place} ${token === open ? `opens a span within that of token ${opened}` : 'closes no span'}`,
        requirement: 'spans follow one another: open, text, close',
        fix: 'correct the tokens',
      });
    if (token === open) {
      opened = place;
      continue;
    }
    spans[2 * place] = opened;
    for (let hidden = opened; hidden < place; hidden++) spans[2 * hidden + 1] = place;
    opened = -1;
  }
  return spans;
}
