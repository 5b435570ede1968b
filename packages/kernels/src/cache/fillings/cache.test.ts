// Caches whose rows lie elsewhere, or are stored otherwise, against the oracle, by prefill and by decode.
import { type KernelCheck, normalStream } from '@tilewright/kernels';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { attentionCase } from '../../attention/check-cases.ts';
import { quantizedPlane, type QuantizedCache } from '../quantized-cache.ts';
import type { Filling } from '../../contract/filling.ts';
import { cacheQuantizeReference } from '../cache-quantize/reference.ts';
import { checkFillings } from '../../attention/fillings/check-fillings.ts';
import {
  alibi,
  atOriginalPositions,
  pagedLoadK,
  pagedLoadV,
  quantizedLoadK,
  quantizedLoadV,
  ringLoadK,
  ringLoadV,
} from '../../fillings.ts';

/** Pages of a pool, of a table row; tokens of a page; head and value size. */
const paged = (pages: number, tableSize: number, pageSize: number, size: number, valueSize = size) => ({
  load_k: pagedLoadK({ pages, tableSize, pageSize, size }),
  load_v: pagedLoadV({ pages, tableSize, pageSize, size: valueSize }),
});
const ring = (capacity: number, size: number, valueSize = size) => ({
  load_k: ringLoadK({ capacity, size }),
  load_v: ringLoadV({ capacity, size: valueSize }),
});
const cached = { causal: true, lengths: true };
const halves = (slots: Readonly<Record<string, Filling>>, name: string) =>
  ({ slots, dtypes: { [`load_k.${name}`]: 'f16', [`load_v.${name}`]: 'f16' } }) as const;

testKernel(
  checkFillings([
    attentionCase([1, 3, 5, 1, 1, 4], { slots: paged(1, 1, 5, 4) }),
    attentionCase([1, 3, 5, 1, 1, 3], { slots: paged(4, 2, 3, 3) }),
    attentionCase([2, 33, 70, 4, 2, 8, 12], { options: cached, ...halves(paged(11, 5, 16, 8, 12), 'pool') }),
    attentionCase([2, 9, 70, 3, 1, 7, 5], { options: cached, slots: paged(9, 8, 9, 7, 5) }),
    attentionCase([2, 9, 130, 4, 2, 8, 5], {
      options: { ...cached, window_left: 12 },
      ...halves(ring(21, 8, 5), 'cache'),
    }),
    attentionCase([1, 5, 40, 2, 1, 5], { options: { causal: true, window_left: 3 }, slots: ring(8, 5) }),
    attentionCase([1, 1, 9, 1, 1, 3], { options: { causal: true, window_left: 2 }, slots: ring(3, 3) }),
    attentionCase([2, 1, 600, 4, 2, 8], {
      options: { ...cached, window_left: 300 },
      slots: ring(301, 8),
    }),
  ]),
);

const layouts = new Map<Filling, QuantizedCache>();
const quantized = (k: QuantizedCache, v: QuantizedCache) => {
  const slots = { load_k: quantizedLoadK(k), load_v: quantizedLoadV(v) };
  layouts.set(slots.load_k, k).set(slots.load_v, v);
  return slots;
};

/** Caches that the kernel's oracle wrote. */
const written = (check: KernelCheck): KernelCheck => ({
  ...check,
  inputs: (input, random) => {
    const drawn = { ...check.inputs!(input, random) };
    for (const [slot, filling] of Object.entries(input.slots ?? {})) {
      const layout = layouts.get(filling);
      if (!layout) continue;
      const { capacity, size, bits, groupTokens = 1, groupChannels = 0 } = layout;
      const { planeWords } = quantizedPlane(layout);
      const { batch, kv_heads } = input.axes as Record<'batch' | 'kv_heads', number>;
      const normal = normalStream(Math.floor(random() * 1e6));
      const { cache } = cacheQuantizeReference({
        axes: { batch, kv_heads, tokens: capacity, size, capacity, plane: planeWords },
        options: { bits, group_tokens: groupTokens, group_channels: groupChannels, x_strides: 'bhsd' },
        inputs: {
          x: Float64Array.from({ length: batch * kv_heads * capacity * size }, () => Math.fround(normal())),
          starts: new Float64Array(batch),
          cache: new Float64Array(batch * kv_heads * planeWords),
        },
        scalars: {},
        uniforms: {},
        slots: {},
        round: Math.fround,
      });
      drawn[`${slot}.cache`] = Uint32Array.from(cache!);
    }
    return drawn;
  },
});

testKernel(
  written(
    checkFillings([
      attentionCase([1, 3, 5, 1, 1, 4], {
        slots: quantized({ capacity: 5, size: 4, bits: 8 }, { capacity: 5, size: 4, bits: 4 }),
      }),
      attentionCase([1, 3, 5, 1, 1, 3], {
        slots: quantized(
          { capacity: 6, size: 3, bits: 4, groupTokens: 2, groupChannels: 1 },
          { capacity: 6, size: 3, bits: 8 },
        ),
      }),
      attentionCase([2, 33, 70, 4, 2, 8, 12], {
        options: cached,
        slots: quantized(
          { capacity: 72, size: 8, bits: 4, groupTokens: 16, groupChannels: 1 },
          { capacity: 72, size: 12, bits: 4 },
        ),
        dtypes: { 'load_k.recent': 'f16' },
      }),
      attentionCase([2, 9, 70, 3, 1, 16, 5], {
        options: cached,
        slots: quantized(
          { capacity: 70, size: 16, bits: 8, groupTokens: 3, groupChannels: 8 },
          { capacity: 70, size: 5, bits: 4 },
        ),
      }),
      attentionCase([1, 9, 40, 2, 1, 8], {
        slots: quantized(
          { capacity: 40, size: 8, bits: 8, groupTokens: 4, groupChannels: 2 },
          { capacity: 40, size: 8, bits: 8, groupChannels: 4 },
        ),
      }),
      attentionCase([2, 9, 70, 2, 1, 8], { options: cached, slots: { score: atOriginalPositions(alibi) } }),
      attentionCase([1, 1, 9, 1, 1, 4], {
        slots: quantized({ capacity: 9, size: 4, bits: 4 }, { capacity: 9, size: 4, bits: 8 }),
      }),
      attentionCase([1, 1, 9, 1, 1, 3], {
        slots: quantized(
          { capacity: 12, size: 3, bits: 8, groupTokens: 4, groupChannels: 1 },
          { capacity: 12, size: 3, bits: 4 },
        ),
      }),
      attentionCase([2, 1, 600, 4, 2, 32, 20], {
        options: cached,
        slots: quantized(
          { capacity: 600, size: 32, bits: 8, groupTokens: 32, groupChannels: 1 },
          { capacity: 600, size: 20, bits: 4 },
        ),
      }),
    ]),
  ),
);
