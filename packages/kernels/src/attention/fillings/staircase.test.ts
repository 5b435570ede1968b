// A staircase of precision: the newest tokens as they are, older ones in 8 bits, the oldest in 4, in one softmax.
import { normalNumbers } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quantizedPlane, type QuantizedCache } from '../../cache/quantized-cache.ts';
import { attentionMerge } from '../attention-merge/index.ts';
import { headMajor } from '../check-cases.ts';
import { cacheQuantize } from '../../cache/cache-quantize/index.ts';
import { concat } from '../../memory/concat/index.ts';
import { decodeAttention } from '../decode-attention/index.ts';
import { flashAttention } from '../flash-attention/index.ts';
import { quantizedLoadK, quantizedLoadV } from '../../fillings.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
const [heads, kvHeads, size] = [4, 2, 8];
const group = 8;
const tensor = (shape: readonly number[], data?: Numbers | Uint32Array<ArrayBuffer>): Tensor =>
  opened.device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');

/** Rows of `[kvHeads, tokens, size]`. */
const cut = (data: Numbers, tokens: number, from: number, to: number): Numbers =>
  Float32Array.from({ length: kvHeads * (to - from) * size }, (_, i) => {
    const [head, rest] = [Math.floor(i / ((to - from) * size)), i % ((to - from) * size)];
    return data[(head * tokens + from) * size + rest]!;
  });

/** Keys by channel, 8 tokens at a time; values by token. */
const layoutOf = (name: 'k' | 'v', bits: 8 | 4, capacity: number): QuantizedCache => ({
  capacity,
  size,
  bits,
  ...(name === 'k' && { groupTokens: group, groupChannels: 1 }),
});

/** `x` `[1, kvHeads, rows, size]` as integers. */
async function quantized(x: Tensor, layout: QuantizedCache): Promise<Tensor> {
  const { bits, capacity, groupTokens = 1, groupChannels = 0 } = layout;
  const cache = tensor(
    [1, kvHeads, quantizedPlane(layout).planeWords],
    new Uint32Array(kvHeads * quantizedPlane(layout).planeWords),
  );
  await runKernel(opened.device, cacheQuantize, {
    axes: { capacity },
    inputs: { x, starts: tensor([1], Uint32Array.of(0)) },
    outputs: { cache },
    options: { bits, group_tokens: groupTokens, group_channels: groupChannels },
  });
  return cache;
}

const recent = (): Tensor => tensor([1, kvHeads, group, size]);

/** The numbers that a cache holds: each query sees one key, its own, and gets that one's value. */
async function readBack(cache: Tensor, layout: QuantizedCache, rows: number): Promise<Tensor> {
  const { y } = await runKernel(opened.device, flashAttention, {
    axes: { value_size: size },
    options: { window_left: 0, window_right: 0, alignment: 'start', k_strides: 'bhsd', y_strides: 'bhsd' },
    slots: { load_v: quantizedLoadV(layout) },
    inputs: {
      q: tensor([1, rows, kvHeads, 4]),
      k: tensor([1, kvHeads, rows, 4]),
      'load_v.cache': cache,
      ...((layout.groupTokens ?? 1) > 1 && { 'load_v.recent': recent() }),
    },
  });
  return y;
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
const expectClose = expectWithin(3e-6);

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `staircase of precision (${testProfile.name})`,
  () => {
    test('three caches in one softmax equal what they hold; errors grow with age, and bits shrink', async () => {
      const { device } = opened;
      const [tokens, oldest, older] = [96, 48, 80];
      const data = {
        k: normalNumbers(kvHeads * tokens * size, 1),
        v: normalNumbers(kvHeads * tokens * size, 2),
      };
      const q = tensor([1, 1, heads, size], normalNumbers(heads * size, 3));
      const stairs = [
        { from: 0, to: oldest, bits: 4 },
        { from: oldest, to: older, bits: 8 },
        { from: older, to: tokens, bits: 32 },
      ] as const;

      const held: Record<'k' | 'v', Numbers[]> = { k: [], v: [] };
      const parts = tensor([3, 1, 1, heads, size]);
      const part = { ...parts, shape: [1, 1, heads, size] };
      let lse: Tensor | undefined;
      for (const [place, { from, to, bits }] of stairs.entries()) {
        const rows = to - from;
        const options = { lse: true, y_strides: `${place}/3 b s h d` };
        const exact = {
          k: tensor([1, kvHeads, rows, size], cut(data.k, tokens, from, to)),
          v: tensor([1, kvHeads, rows, size], cut(data.v, tokens, from, to)),
        };
        let own: Tensor;
        if (bits === 32) {
          own = (
            await runKernel(device, decodeAttention, {
              options: { ...options, ...headMajor },
              inputs: { q, ...exact },
              outputs: { y: part },
            })
          ).lse;
          held.k.push((await exact.k.read()) as Numbers);
          held.v.push((await exact.v.read()) as Numbers);
        } else {
          const caches: Partial<Record<'k' | 'v', Tensor>> = {};
          for (const name of ['k', 'v'] as const) {
            // Tokens are in 8 bits first; what grows older is read back and quantized again.
            const bytes = layoutOf(name, 8, rows);
            caches[name] = await quantized(exact[name], bytes);
            if (bits === 4)
              caches[name] = await quantized(
                await readBack(caches[name], bytes, rows),
                layoutOf(name, 4, rows),
              );
            held[name].push(
              (await (await readBack(caches[name], layoutOf(name, bits, rows), rows)).read()) as Numbers,
            );
          }
          const layouts = { k: layoutOf('k', bits, rows), v: layoutOf('v', bits, rows) };
          const attended = await runKernel(device, decodeAttention, {
            axes: { keys: rows, kv_heads: kvHeads, value_size: size },
            options,
            slots: { load_k: quantizedLoadK(layouts.k), load_v: quantizedLoadV(layouts.v) },
            inputs: { q, 'load_k.cache': caches.k!, 'load_k.recent': recent(), 'load_v.cache': caches.v! },
            outputs: { y: part },
          });
          own = attended.lse;
        }
        const inARow: Tensor = { ...own, shape: [1, 1, 1, heads] };
        lse = lse
          ? (
              await runKernel(device, concat, {
                axes: { rows: place + 1 },
                inputs: { first: lse, second: inARow },
              })
            ).y
          : inARow;
      }
      const { y } = await runKernel(device, attentionMerge, {
        inputs: { parts, part_lse: { ...lse!, shape: [3, 1, heads, 1] } },
      });

      const joined = (name: 'k' | 'v'): Numbers =>
        Float32Array.from({ length: kvHeads * tokens * size }, (_, i) => {
          const [head, token, c] = [Math.floor(i / tokens / size), Math.floor(i / size) % tokens, i % size];
          const place = stairs.findIndex(({ to }) => token < to);
          const { from, to } = stairs[place]!;
          return held[name][place]![(head * (to - from) + token - from) * size + c]!;
        });
      const dense = async (k: Numbers, v: Numbers): Promise<Numbers> => {
        const shape = [1, kvHeads, tokens, size];
        const run = await runKernel(device, decodeAttention, {
          options: headMajor,
          inputs: { q, k: tensor(shape, k), v: tensor(shape, v) },
        });
        return (await run.y.read()) as Numbers;
      };
      expectClose(await y.read(), await dense(joined('k'), joined('v')));

      for (const name of ['k', 'v'] as const) {
        const [in4, in8, whole] = stairs.map(({ from, to }, place) =>
          worst(held[name][place]!, cut(data[name], tokens, from, to)),
        ) as [number, number, number];
        expect(whole).toBe(0);
        expect(in8).toBeGreaterThan(0);
        expect(in4).toBeGreaterThan(8 * in8);
      }
      const words = (bits: 8 | 4): number => quantizedPlane(layoutOf('v', bits, oldest)).codeWords;
      expect(words(4)).toBeLessThan(words(8));
      expect(worst(await y.read(), await dense(data.k, data.v))).toBeLessThan(0.1);
    });
  },
);
