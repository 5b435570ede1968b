import { quantizedPlane, type QuantizedCache } from '../quantized-cache.ts';
import type { LoadReference } from '../../attention/slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { fragmentOf, kvHeadsWgsl } from '../../attention/fillings/cache-rows.ts';

/**
 * Slot `load_k`, in place of the tensor `k`: keys as integers of 8 or 4 bits, dequantized while they are read.
 * `load_k.cache`, u32 `[batch, kv_heads, plane]`, is what the kernel `cacheQuantize` writes; `capacity` has room for `keys`.
 *
 * Blocks of several tokens are quantized when they are full. Until then their keys are in `load_k.recent`, f32 or f16 `[batch,
 * kv_heads, group_tokens, head_size]`, key i in row `i % group_tokens` (`cacheWrite` with `circular`): from these come
 * the keys from `⌊length / group_tokens⌋ · group_tokens` on. Blocks of one token need no such tensor.
 */
export const quantizedLoadK = (options: QuantizedCache): Filling<LoadReference> =>
  quantizedLoad('k', options);

/** Slot `load_v`: see {@link quantizedLoadK}. */
export const quantizedLoadV = (options: QuantizedCache): Filling<LoadReference> =>
  quantizedLoad('v', options);

function quantizedLoad(tensor: 'k' | 'v', cache: QuantizedCache): Filling<LoadReference> {
  const plane = quantizedPlane(cache);
  const { capacity, size, bits } = cache;
  const { codesPerWord, rowWords, codeWords, groupTokens, groupChannels, channelGroups, planeWords } = plane;
  const { type, width } = fragmentOf(tensor, size);
  const levels = 2 ** bits - 1;
  const grouped = groupTokens > 1;
  const unitsPerWord = codesPerWord / width;
  const channels = Array.from({ length: width }, (_, c) => c);
  const each = (value: (c: number) => string): string =>
    width === 1 ? value(0) : `${type}(${channels.map(value).join(', ')})`;
  const one = width === 1 || groupChannels % width === 0;
  return {
    id: `quantized-${capacity}-${size}-${bits}-${groupTokens}x${groupChannels}`,
    omits: [tensor],
    bindings: {
      cache: { shape: ['batch', 'kv_heads', planeWords], dtype: 'u32' },
      ...(grouped && {
        recent: { shape: ['batch', 'kv_heads', groupTokens, size], dtype: 'float', width },
      }),
    },
    wgsl: (
      slot,
    ) => `fn ${slot}_at(batch: u32, head: u32, index: u32) -> u32 { return (batch * (${kvHeadsWgsl}) + head) * ${planeWords}u; }
fn ${slot}_number(at: u32) -> f32 { return bitcast<f32>(${slot}_cache_load(at)); }
fn ${slot}(token: Token, unit: u32) -> ${type} {
${
  grouped
    ? `  if (token.index >= length_of(token.batch) / ${groupTokens}u * ${groupTokens}u) {
    let row = (token.batch * (${kvHeadsWgsl}) + token.head) * ${groupTokens}u + token.index % ${groupTokens}u;
    return ${slot}_recent_load(row * ${size / width}u + unit);
  }
`
    : ''
}  let key = min(token.index, ${capacity - 1}u);
  let word = ${slot}_cache_load(token.at + key * ${rowWords}u + unit / ${unitsPerWord}u) >> (unit % ${unitsPerWord}u * ${width * bits}u);
  let code = ${each((c) => `f32((word >> ${c * bits}u) & ${levels}u)`)};
  let block = token.at + ${codeWords}u + key / ${groupTokens}u * ${2 * channelGroups}u;
${
  one
    ? `  let at = block + unit * ${width}u / ${groupChannels}u * 2u;
  return ${slot}_number(at + 1u) + ${slot}_number(at) * code;`
    : channels
        .map((c) => `  let at_${c} = block + (unit * 4u + ${c}u) / ${groupChannels}u * 2u;`)
        .join('\n') +
      `
  return ${each((c) => `${slot}_number(at_${c} + 1u)`)} + ${each((c) => `${slot}_number(at_${c})`)} * code;`
}
}`,
    reference: ({ batch, head, index }, _, { tensor: read, axes, lengthOf, round }) => {
      const line = batch * axes.kv_heads! + head;
      if (grouped && index >= Math.floor(lengthOf(batch) / groupTokens) * groupTokens) {
        const row = line * groupTokens + (index % groupTokens);
        return read('recent').subarray(row * size, (row + 1) * size);
      }
      return dequantizedRow(read('cache').subarray(line * planeWords), index, cache, round);
    },
  };
}

/** Row `index` of one plane of a cache (as u32 numbers), as it is read. */
export function dequantizedRow(
  words: ArrayLike<number>,
  index: number,
  cache: QuantizedCache,
  round: (value: number) => number = Math.fround,
): Float64Array {
  const { codesPerWord, rowWords, codeWords, groupTokens, groupChannels, channelGroups } =
    quantizedPlane(cache);
  const floatOf = (at: number): number => new Float32Array(Uint32Array.of(words[at]!).buffer)[0]!;
  return Float64Array.from({ length: cache.size }, (_, channel) => {
    const word = words[index * rowWords + Math.floor(channel / codesPerWord)]!;
    const code = (word >>> ((channel % codesPerWord) * cache.bits)) & (2 ** cache.bits - 1);
    const group = Math.floor(index / groupTokens) * channelGroups + Math.floor(channel / groupChannels);
    const at = codeWords + 2 * group;
    return round(floatOf(at + 1) + round(floatOf(at) * code));
  });
}
