import { memoryOrder, rowAddress } from '../../memory/memory-order.ts';
import type { Oracle } from '../../contract/check.ts';
import { planeOf } from './index.ts';

/** The bits of an f32, as the number that a u32 tensor reads back. */
const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;

export const cacheQuantizeReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, kv_heads: heads, tokens, size, capacity } = axes as Record<string, number>;
  const plane = planeOf({ axes, options });
  const { codesPerWord, rowWords, codeWords, groupTokens, groupChannels, channelGroups } = plane;
  const levels = 2 ** Number(options.bits) - 1;
  const order = memoryOrder('cache-quantize', 'x_strides', String(options.x_strides), false);
  const addressOf = rowAddress(order, { b: batch!, s: tokens!, h: heads!, d: size! });
  const cache = inputs.cache!.slice();
  for (let line = 0; line < batch! * heads!; line++) {
    const [b, head] = [Math.floor(line / heads!), line % heads!];
    const start = Math.floor(inputs.starts![b]! / groupTokens) * groupTokens;
    const base = line * plane.planeWords;
    for (let token = 0; token < tokens! && start + token < capacity!; token += groupTokens)
      for (let group = 0; group < channelGroups; group++) {
        const count = Math.min(groupTokens, tokens! - token, capacity! - start - token);
        const first = group * groupChannels;
        const channels = Math.min(groupChannels, size! - first);
        const at = (t: number, c: number): number => inputs.x![addressOf(b, head, token + t) + first + c]!;
        const values = Array.from({ length: count * channels }, (_, i) =>
          at(Math.floor(i / channels), i % channels),
        );
        const low = values.reduce((least, value) => Math.min(least, value), Infinity);
        const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
        const scale = round(round(high - low) * Math.fround(1 / levels));
        const inverse = scale > 1e-35 && scale < Infinity ? round(1 / scale) : 0;
        const block = base + codeWords + 2 * (((start + token) / groupTokens) * channelGroups + group);
        cache[block] = bitsOf(scale);
        cache[block + 1] = bitsOf(low);
        values.forEach((value, i) => {
          const channel = first + (i % channels);
          const row = start + token + Math.floor(i / channels);
          const code = inverse === 0 ? 0 : Math.floor(round(round(round(value - low) * inverse) + 0.5));
          const word = base + row * rowWords + Math.floor(channel / codesPerWord);
          const shift = (channel % codesPerWord) * Number(options.bits);
          // Numbers beyond 2^31 do without bit operators, which are signed. The codes past the last channel are 0.
          const digit = 2 ** shift;
          const kept = channel % codesPerWord === 0 ? 0 : cache[word]! % digit;
          cache[word] = kept + Math.min(Math.max(code, 0), levels) * digit;
        });
      }
  }
  return { cache };
};
