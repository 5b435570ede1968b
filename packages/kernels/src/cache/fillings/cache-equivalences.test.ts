// A cache gives what the same keys and values give in one piece, wherever it keeps them.
import { type Kernel, normalNumbers, type ProblemInput } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageTable, type PageWrites } from '../page-table.ts';
import { quantizedPlane, type QuantizedCache } from '../quantized-cache.ts';
import { cacheCompact, keptRows } from '../cache-compact/index.ts';
import { cacheQuantize } from '../cache-quantize/index.ts';
import { cacheWrite } from '../cache-write/index.ts';
import { copyPages } from '../copy-pages/index.ts';
import { headMajor } from '../../attention/check-cases.ts';
import { decodeAttention } from '../../attention/decode-attention/index.ts';
import { flashAttention } from '../../attention/flash-attention/index.ts';
import {
  alibi,
  atOriginalPositions,
  dequantizedRow,
  pagedLoadK,
  pagedLoadV,
  quantizedLoadK,
  quantizedLoadV,
  ringCapacity,
  ringLoadK,
  ringLoadV,
  sentinelMask,
  sentinelSpans,
} from '../../fillings.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
const [heads, kvHeads, size, valueSize] = [4, 2, 8, 5];
const tensor = (shape: readonly number[], data?: Numbers | Uint32Array<ArrayBuffer>): Tensor =>
  opened.device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');

/** The first output of one run; keys and values lie head by head if nothing else is said. */
async function run(
  kernel: Kernel,
  {
    inputs,
    options,
    ...input
  }: Partial<ProblemInput> & { readonly inputs: Readonly<Record<string, Tensor>> },
): Promise<Numbers> {
  const { y } = await runKernel(opened.device, kernel, {
    ...input,
    inputs,
    options: { ...headMajor, ...options },
  });
  return (await y!.read()) as Numbers;
}

const axesOf = (keys: number): Record<string, number> => ({
  keys,
  kv_heads: kvHeads,
  head_size: size,
  value_size: valueSize,
});

/** Rows of `[batch, kvHeads, tokens, each]`, those of one batch row and head after the other. */
const rowsOf = (data: Numbers, tokens: number, each: number, line: number, token: number): Numbers =>
  data.subarray((line * tokens + token) * each, (line * tokens + token + 1) * each);

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`caches (${testProfile.name})`, () => {
  test.each([
    [flashAttention, 37],
    [decodeAttention, 2],
  ] as const)('$name: paged = contiguous, to the bit', async (kernel, queries) => {
    const [batch, keys, pageSize, tableSize, pages] = [2, 70, 16, 5, 13];
    const lengths = Uint32Array.of(70, 41);
    const [k, v] = [
      normalNumbers(batch * kvHeads * keys * size, 1),
      normalNumbers(batch * kvHeads * keys * valueSize, 2),
    ];
    const q = normalNumbers(batch * queries * heads * size, 3);
    const table = Uint32Array.from({ length: batch * tableSize }, (_, i) => (i * 5 + 3) % pages);
    const scattered = (data: Numbers, each: number): Numbers => {
      const pool = normalNumbers(pages * kvHeads * pageSize * each, 9);
      for (let line = 0; line < batch * kvHeads; line++)
        for (let key = 0; key < keys; key++) {
          const page = table[Math.floor(line / kvHeads) * tableSize + Math.floor(key / pageSize)]!;
          const row = (page * kvHeads + (line % kvHeads)) * pageSize + (key % pageSize);
          pool.set(rowsOf(data, keys, each, line, key), row * each);
        }
      return pool;
    };
    const shared = {
      q: tensor([batch, queries, heads, size], q),
      lengths: tensor([batch], lengths),
    };
    const options = { causal: true, lengths: true };
    const contiguous = await run(kernel, {
      options,
      inputs: {
        ...shared,
        k: tensor([batch, kvHeads, keys, size], k),
        v: tensor([batch, kvHeads, keys, valueSize], v),
      },
    });
    const blockTable = tensor([batch, tableSize], table);
    const paged = await run(kernel, {
      axes: axesOf(keys),
      options,
      slots: {
        load_k: pagedLoadK({ pages, pageSize, tableSize, size }),
        load_v: pagedLoadV({ pages, pageSize, tableSize, size: valueSize }),
      },
      inputs: {
        ...shared,
        'load_k.pool': tensor([pages, kvHeads, pageSize, size], scattered(k, size)),
        'load_k.pages': blockTable,
        'load_v.pool': tensor([pages, kvHeads, pageSize, valueSize], scattered(v, valueSize)),
        'load_v.pages': blockTable,
      },
    });
    expect(paged).toEqual(contiguous);
  });

  test('a ring of a window and a chunk equals the window on all keys, distances and all, in chunks and in steps', async () => {
    const [windowLeft, chunk, tokens] = [9, 5, 45];
    const capacity = ringCapacity({ windowLeft, chunk });
    const [k, v] = [
      normalNumbers(kvHeads * tokens * size, 1),
      normalNumbers(kvHeads * tokens * valueSize, 2),
    ];
    const q = normalNumbers(tokens * heads * size, 3);
    const options = { causal: true, window_left: windowLeft };
    const slopes = tensor([heads], Float32Array.of(0.5, 0.25, 0.1, 0.05));
    const whole = await run(flashAttention, {
      options,
      slots: { score: alibi },
      inputs: {
        'score.slopes': slopes,
        q: tensor([1, tokens, heads, size], q),
        k: tensor([1, kvHeads, tokens, size], k),
        v: tensor([1, kvHeads, tokens, valueSize], v),
      },
    });
    const rings = {
      k: tensor([1, kvHeads, capacity, size]),
      v: tensor([1, kvHeads, capacity, valueSize]),
    };
    const append = async (name: 'k' | 'v', start: number, count: number): Promise<void> => {
      const [data, each] = name === 'k' ? [k, size] : [v, valueSize];
      const update = new Float32Array(kvHeads * count * each);
      for (let head = 0; head < kvHeads; head++)
        for (let i = 0; i < count; i++)
          update.set(rowsOf(data, tokens, each, head, start + i), (head * count + i) * each);
      await runKernel(opened.device, cacheWrite, {
        inputs: {
          update: tensor([1, kvHeads, count, each], update),
          starts: tensor([1], Uint32Array.of(start)),
        },
        outputs: { cache: rings[name] },
        options: { in_place: true, circular: true },
      });
    };
    let start = 0;
    while (start < tokens) {
      const count = start < 25 ? chunk : 1;
      await append('k', start, count);
      await append('v', start, count);
      const part = await run(count === 1 ? decodeAttention : flashAttention, {
        axes: axesOf(tokens),
        options: { ...options, lengths: true },
        slots: {
          load_k: ringLoadK({ capacity, size }),
          load_v: ringLoadV({ capacity, size: valueSize }),
          score: alibi,
        },
        inputs: {
          'score.slopes': slopes,
          q: tensor([1, count, heads, size], q.slice(start * heads * size, (start + count) * heads * size)),
          lengths: tensor([1], Uint32Array.of(start + count)),
          'load_k.cache': rings.k,
          'load_v.cache': rings.v,
        },
      });
      const want = whole.subarray(start * heads * valueSize, (start + count) * heads * valueSize);
      part.forEach((value, i) => expect(Math.abs(value - want[i]!)).toBeLessThan(2e-6));
      start += count;
    }
  });

  test('forked beams equal caches of their own, to the bit', async () => {
    const [pages, pageSize, tableSize, prefix, steps] = [9, 4, 4, 6, 7];
    const table = pageTable({ pages, pageSize });
    const pools = {
      k: tensor([pages, kvHeads, pageSize, size]),
      v: tensor([pages, kvHeads, pageSize, valueSize]),
    };
    const write = async ({ copies, rows }: PageWrites, k: Numbers, v: Numbers): Promise<void> => {
      for (const [pool, each, data] of [
        [pools.k, size, k],
        [pools.v, valueSize, v],
      ] as const) {
        if (copies.length > 0)
          await runKernel(opened.device, copyPages, {
            inputs: { pairs: tensor([copies.length / 2, 2], copies) },
            outputs: { pool: { ...pool, shape: [pages, kvHeads * pageSize * each] } },
          });
        await runKernel(opened.device, cacheWrite, {
          inputs: {
            update: tensor([rows.length, kvHeads, each], data),
            positions: tensor([rows.length, 2], Uint32Array.from([...rows].flatMap((row) => [0, row]))),
          },
          outputs: { cache: { ...pool, shape: [pages, kvHeads, pageSize, each] } },
          options: { places: 'tokens', in_place: true },
        });
      }
    };
    const tokensOf = (count: number, seed: number): { k: Numbers; v: Numbers } => ({
      k: normalNumbers(count * kvHeads * size, seed),
      v: normalNumbers(count * kvHeads * valueSize, seed + 100),
    });
    const first = table.open();
    const begin = tokensOf(prefix, 1);
    await write(table.append(first, prefix), begin.k, begin.v);
    const beams = [first, table.fork(first)];
    const texts = [[begin], [begin]];
    for (let step = 0; step < steps; step++)
      for (const [i, beam] of beams.entries()) {
        const token = tokensOf(1, 10 + 2 * step + i);
        texts[i]!.push(token);
        await write(table.append(beam, 1), token.k, token.v);
      }
    expect(table.freePages()).toBe(pages - 1 - 2 * 3);
    const keys = prefix + steps;
    const q = tensor([2, 1, heads, size], normalNumbers(2 * heads * size, 77));
    const blockTable = tensor([2, tableSize], table.blockTable(beams, tableSize));
    const forked = await run(decodeAttention, {
      axes: axesOf(keys),
      slots: {
        load_k: pagedLoadK({ pages, pageSize, tableSize, size }),
        load_v: pagedLoadV({ pages, pageSize, tableSize, size: valueSize }),
      },
      inputs: {
        q,
        'load_k.pool': pools.k,
        'load_k.pages': blockTable,
        'load_v.pool': pools.v,
        'load_v.pages': blockTable,
      },
    });
    const joined = (name: 'k' | 'v'): Numbers =>
      Float32Array.from(texts.flatMap((text) => text.flatMap((each) => [...each[name]])));
    const own = await run(decodeAttention, {
      options: { k_strides: 'bshd', v_strides: 'bshd' },
      inputs: {
        q,
        k: tensor([2, keys, kvHeads, size], joined('k')),
        v: tensor([2, keys, kvHeads, valueSize], joined('v')),
      },
    });
    expect(forked).toEqual(own);
  });

  test('a cache that was compacted in place equals the mask of what was evicted, with positions as they were', async () => {
    const text = [1, 8, 2, 3, 9, 4, 8, 5, 6, 9, 7, 1, 3];
    const [tokens, capacity] = [text.length, 15];
    const spans = sentinelSpans(text, { open: 8, close: 9 });
    const [k, v] = [
      normalNumbers(kvHeads * capacity * size, 1),
      normalNumbers(kvHeads * capacity * valueSize, 2),
    ];
    const q = normalNumbers(heads * size, 3);
    const slopes = tensor([heads], Float32Array.of(0.5, 0.25, 0.1, 0.05));
    const masked = await run(decodeAttention, {
      slots: { mask: sentinelMask, score: alibi },
      options: { lengths: true },
      inputs: {
        q: tensor([1, 1, heads, size], q),
        k: tensor([1, kvHeads, capacity, size], k),
        v: tensor([1, kvHeads, capacity, valueSize], v),
        lengths: tensor([1], Uint32Array.of(tokens)),
        'score.slopes': slopes,
        'mask.spans': tensor(
          [1, capacity, 2],
          Uint32Array.from({ length: 2 * capacity }, (_, i) => spans[i] ?? 0),
        ),
      },
    });
    const compacted = {
      k: tensor([1, kvHeads, capacity, size], k),
      v: tensor([1, kvHeads, capacity, valueSize], v),
    };
    // Twice: the second compaction names the rows that the first left.
    let positions = text.map((_, place) => place);
    for (const seenAt of [4, tokens - 1]) {
      const rows = positions.flatMap((place, row) =>
        place > seenAt || spans[2 * place + 1]! > seenAt ? [row] : [],
      );
      const { kept, counts } = keptRows([rows], capacity);
      for (const cache of [compacted.k, compacted.v])
        await runKernel(opened.device, cacheCompact, {
          inputs: { kept: tensor([1, rows.length], kept), counts: tensor([1], counts) },
          outputs: { cache: { ...cache, shape: [1, kvHeads, capacity, cache.shape[3]!] } },
          options: { in_place: true },
        });
      positions = rows.map((row) => positions[row]!);
    }
    expect(positions).toEqual([0, 4, 5, 9, 10, 11, 12]);
    const shorter = await run(decodeAttention, {
      slots: { score: atOriginalPositions(alibi) },
      options: { lengths: true },
      inputs: {
        q: tensor([1, 1, heads, size], q),
        ...compacted,
        lengths: tensor([1], Uint32Array.of(positions.length)),
        'score.positions': tensor(
          [1, capacity],
          Uint32Array.from({ length: capacity }, (_, i) => positions[i] ?? 0),
        ),
        'score.a_slopes': slopes,
      },
    });
    shorter.forEach((value, i) => expect(Math.abs(value - masked[i]!)).toBeLessThan(2e-6));
  });

  test.each([8, 4] as const)(
    '%i bits: each number is off by half a step at most, the output by what that makes of it; steps read what they wrote',
    async (bits) => {
      const [prefill, end, capacity] = [10, 18, 24];
      const layouts = {
        k: { capacity, size, bits, groupTokens: 8, groupChannels: 1 },
        v: { capacity, size: valueSize, bits },
      } satisfies Record<string, QuantizedCache>;
      // A channel of keys that is large in every token.
      const k = normalNumbers(kvHeads * end * size, 1).map((value, i) =>
        i % size === 3 ? 20 + value : value,
      );
      const v = normalNumbers(kvHeads * end * valueSize, 2);
      const wordsOf = (layout: QuantizedCache): Tensor =>
        opened.device.tensor([1, kvHeads, quantizedPlane(layout).planeWords], undefined, 'u32');
      const words = { k: wordsOf(layouts.k), v: wordsOf(layouts.v) };
      const recent = tensor([1, kvHeads, 8, size]);
      const part = (name: 'k' | 'v', start: number, count: number): Tensor => {
        const [data, each] = name === 'k' ? [k, size] : [v, valueSize];
        const rows = new Float32Array(kvHeads * count * each);
        for (let head = 0; head < kvHeads; head++)
          for (let i = 0; i < count; i++)
            rows.set(rowsOf(data, end, each, head, start + i), (head * count + i) * each);
        return tensor([1, kvHeads, count, each], rows);
      };
      const startsAt = (start: number): Tensor => tensor([1], Uint32Array.of(start));
      const quantize = async (name: 'k' | 'v', x: Tensor, start: number): Promise<void> => {
        await runKernel(opened.device, cacheQuantize, {
          axes: { capacity },
          inputs: { x, starts: startsAt(start) },
          outputs: { cache: words[name] },
          options: { bits, ...(name === 'k' && { group_tokens: 8, group_channels: 1 }) },
        });
      };
      const remember = async (start: number, count: number): Promise<void> => {
        await runKernel(opened.device, cacheWrite, {
          inputs: { update: part('k', start, count), starts: startsAt(start) },
          outputs: { cache: recent },
          options: { in_place: true, circular: true },
        });
      };
      const q = normalNumbers(heads * size, 3);
      const scale = 1 / Math.sqrt(size);
      const check = async (length: number): Promise<void> => {
        const read = {
          k: (await words.k.read()) as Uint32Array<ArrayBuffer>,
          v: (await words.v.read()) as Uint32Array<ArrayBuffer>,
        };
        const full = Math.floor(length / 8) * 8;
        const stored = { k: [] as number[], v: [] as number[] };
        const worst = { k: 0, v: 0 };
        for (const name of ['k', 'v'] as const) {
          const [data, each] = name === 'k' ? [k, size] : [v, valueSize];
          const plane = quantizedPlane(layouts[name]);
          for (let head = 0; head < kvHeads; head++)
            for (let token = 0; token < length; token++) {
              const exact = rowsOf(data, end, each, head, token);
              if (name === 'k' && token >= full) {
                stored.k.push(...exact);
                continue;
              }
              const own = read[name].subarray(head * plane.planeWords);
              const row = dequantizedRow(own, token, layouts[name]);
              stored[name].push(...row);
              const group = name === 'k' ? Math.floor(token / 8) : token;
              exact.forEach((value, channel) => {
                const tokens = name === 'k' ? Array.from({ length: 8 }, (_, t) => group * 8 + t) : [token];
                const block = tokens.flatMap((t) => {
                  const of = rowsOf(data, end, each, head, t);
                  return name === 'k' ? [of[channel]!] : [...of];
                });
                const step = (Math.max(...block) - Math.min(...block)) / (2 ** bits - 1);
                const off = Math.abs(row[channel]! - value);
                expect(off).toBeLessThanOrEqual(step / 2 + 2 ** -22 * Math.max(...block.map(Math.abs)));
                worst[name] = Math.max(worst[name], off);
              });
            }
        }
        expect(worst.v).toBeGreaterThan(0);
        const shared = { q: tensor([1, 1, heads, size], q) };
        const output = await run(decodeAttention, {
          axes: axesOf(capacity),
          options: { lengths: true },
          slots: { load_k: quantizedLoadK(layouts.k), load_v: quantizedLoadV(layouts.v) },
          inputs: {
            ...shared,
            lengths: tensor([1], Uint32Array.of(length)),
            'load_k.cache': words.k,
            'load_k.recent': recent,
            'load_v.cache': words.v,
          },
        });
        const dequantized = await run(decodeAttention, {
          inputs: {
            ...shared,
            k: tensor([1, kvHeads, length, size], Float32Array.from(stored.k)),
            v: tensor([1, kvHeads, length, valueSize], Float32Array.from(stored.v)),
          },
        });
        output.forEach((value, i) => expect(Math.abs(value - dequantized[i]!)).toBeLessThan(1e-5));
        const exact = await run(decodeAttention, {
          inputs: { ...shared, k: part('k', 0, length), v: part('v', 0, length) },
        });
        // Scores are off by δ at most, so weights by a factor of e^(2δ).
        const largest = v.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        output.forEach((value, i) => {
          const head = Math.floor(i / valueSize);
          const query = q.subarray(head * size, (head + 1) * size);
          const delta = scale * worst.k * query.reduce((sum, each) => sum + Math.abs(each), 0);
          const allowed = worst.v + (Math.exp(2 * delta) - 1) * largest + 1e-5;
          expect(Math.abs(value - exact[i]!)).toBeLessThan(allowed);
        });
      };

      await quantize('k', part('k', 0, prefill), 0);
      await quantize('v', part('v', 0, prefill), 0);
      await remember(8, prefill - 8);
      await check(prefill);
      for (let position = prefill; position < end; position++) {
        await remember(position, 1);
        await quantize('k', recent, position);
        await quantize('v', part('v', position, 1), position);
        if (position >= 14 && position <= 16) await check(position + 1);
      }
    },
  );
});
