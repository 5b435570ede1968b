// MRA-2 (Zeng et al. 2022, arXiv 2207.10284): the blocks whose means score highest exactly, all others by their means, in one
// softmax. Made of kernels that are there. Heads choose blocks of their own, and so do batch rows, which are read as more heads.
import { normalNumbers } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockMask, keyCounts } from './fillings/index.ts';
import { attentionMerge } from './attention-merge/index.ts';
import { attentionWeights } from './attention-weights/index.ts';
import { concat } from '../memory/concat/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { listBlocks } from './list-blocks/index.ts';
import { segmentSum } from '../grid/segment-sum/index.ts';
import { topK } from '../rows/top-k/index.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
const expectClose = expectWithin(3e-6);
// The last block of queries and of keys is not full.
const [batch, tokens, heads, kvHeads, size, valueSize, block] = [2, 110, 2, 1, 8, 5, 16];
const blocks = Math.ceil(tokens / block);
// Heads of all batch rows.
const [lines, kvLines] = [batch * heads, batch * kvHeads];
type Attended = Readonly<Record<'q' | 'k' | 'v', Numbers>>;

const tensor = (shape: readonly number[], data?: Numbers | Uint32Array<ArrayBuffer>): Tensor =>
  opened.device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');
/** The same numbers, read in another shape. */
const as = (shape: readonly number[], given: Tensor): Tensor => ({ ...given, shape });

/** Values that change along the sequence at several rates, so that some blocks are nearly constant and others are not. */
function signals(): Attended {
  const draw = (outer: number, inner: number, channels: number, seed: number): Numbers =>
    normalNumbers(outer * tokens * inner * channels, seed).map((noise, i) => {
      const [line, token, c] = [
        Math.floor(i / channels / inner / tokens),
        Math.floor(i / channels / inner) % tokens,
        i % channels,
      ];
      return 1.5 * Math.sin((token * (c + 1 + line)) / 40 + c) + 0.4 * noise;
    }) as Numbers;
  return {
    q: draw(batch, heads, size, 1),
    k: draw(kvLines, 1, size, 2),
    v: draw(kvLines, 1, valueSize, 3),
  };
}

const tensorsOf = ({ q, k, v }: Attended): Record<'q' | 'k' | 'v', Tensor> => ({
  q: tensor([batch, tokens, heads, size], q),
  k: tensor([batch, kvHeads, tokens, size], k),
  v: tensor([batch, kvHeads, tokens, valueSize], v),
});

const dense = async (data: Attended): Promise<Numbers> => {
  const { y } = await runKernel(opened.device, flashAttention, { inputs: tensorsOf(data) });
  return (await y.read()) as Numbers;
};

/** With the `count` best blocks of each head exact. `coarse` false: nothing but those (MRA-2-s). */
async function multiResolution(data: Attended, count: number, coarse = true): Promise<Numbers> {
  const { device } = opened;
  const inputs = tensorsOf(data);
  // 1. Means of blocks, `[lines, blocks, channels]`, and scores of the means.
  const assignment = tensor(
    [batch, 1, tokens],
    Uint32Array.from({ length: batch * tokens }, (_, i) => Math.floor((i % tokens) / block)),
  );
  const means = (x: Tensor, x_strides = 'bhsd'): Promise<Readonly<Record<'y' | 'counts', Tensor>>> =>
    runKernel(device, segmentSum, {
      axes: { segments: blocks },
      options: { operation: 'mean', counts: true, x_strides },
      inputs: { x, assignment },
    });
  const [q, k, v] = [await means(inputs.q, 'bshd'), await means(inputs.k), await means(inputs.v)];
  const meanKeys = as([1, kvLines, blocks, size], k.y);
  const { scores } = await runKernel(device, attentionWeights, {
    options: { stage: 'raw', q_strides: 'bhsd' },
    inputs: { q: as([1, blocks, lines, size], q.y), k: meanKeys },
  });
  // 2. The best blocks of the whole matrix of each head, and lists of them. (None are listed as one that is no block.)
  const none = tensor([lines, 1], new Uint32Array(lines).fill(0xffff_ffff));
  const best = await runKernel(device, topK, {
    axes: { k: Math.max(count, 1) },
    inputs: { x: as([lines, blocks * blocks], scores) },
  });
  const ids = count > 0 ? best.ids : none;
  const lists = await runKernel(device, listBlocks, {
    axes: {
      query_blocks: blocks,
      key_blocks: blocks,
      list_bounds: lines * blocks + 1,
      listed: lines * Math.max(count, 1),
    },
    options: { others: true },
    inputs: { ids },
  });
  // 3. They are attended exactly, in the first of two slices,
  const parts = tensor([2, batch, tokens, heads, valueSize]);
  const y = as([1, tokens, lines, valueSize], parts);
  const exact = await runKernel(device, flashAttention, {
    options: {
      lse: true,
      blocks: 'listed',
      block_size: block,
      block_heads: true,
      q_strides: `h s h:${heads} d`,
      y_strides: `0/2 b h s h:${heads} d`,
    },
    inputs: {
      q: as([1, tokens, lines, size], inputs.q),
      k: as([1, kvLines, tokens, size], inputs.k),
      v: as([1, kvLines, tokens, valueSize], inputs.v),
      block_starts: lists.block_starts,
      block_keys: lists.block_keys,
    },
    outputs: { y },
  });
  if (!coarse) return (await parts.read()).subarray(0, lines * tokens * valueSize) as Numbers;
  // 4. the others by their means, each of which stands for as many keys as its block has, in the second: `s+0/7 (s:16)` has
  // 16 queries read each of 7 means.
  const rest = await runKernel(device, flashAttention, {
    options: {
      lse: true,
      q_strides: `h s+0/${blocks} (s:${block}) d`,
      y_strides: `1/2 b h s h:${heads} d`,
    },
    slots: {
      score: keyCounts({ shared: true }),
      mask: blockMask({ size: block, keySize: 1, heads: true, queryBlocks: blocks, keyBlocks: blocks }),
    },
    inputs: {
      q: as([1, tokens, lines, size], q.y),
      k: meanKeys,
      v: as([1, kvLines, blocks, valueSize], v.y),
      // The first batch row's: blocks are the same in all.
      'score.counts': as([1, 1, blocks], k.counts),
      'mask.blocks': lists.others,
    },
    outputs: { y },
  });
  // 5. and both are put together.
  const inARow = (lse: Tensor): Tensor => as([1, 1, 1, lines * tokens], lse);
  const both = await runKernel(device, concat, {
    axes: { rows: 2 },
    inputs: { first: inARow(exact.lse), second: inARow(rest.lse) },
  });
  const merged = await runKernel(device, attentionMerge, {
    inputs: { parts, part_lse: as([2, batch, heads, tokens], both.y) },
  });
  return (await merged.y.read()) as Numbers;
}

/** Every row replaced by the mean of its block. */
function repeated(data: Numbers, outer: number, inner: number): Numbers {
  const each = data.length / outer;
  return data.map((_, i) => {
    const [line, at] = [Math.floor(i / each), i % each];
    const [token, c] = [Math.floor(at / inner), at % inner];
    const from = Math.floor(token / block) * block;
    const rows = Math.min(block, tokens - from);
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += data[line * each + (from + row) * inner + c]!;
    return sum / rows;
  }) as Numbers;
}

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `multi-resolution attention (${testProfile.name})`,
  () => {
    const all = blocks * blocks;

    test('with all blocks exact it is softmax attention', async () => {
      const data = signals();
      expectClose(await multiResolution(data, all), await dense(data));
    });

    test('with none it is attention on means of blocks, repeated', async () => {
      const { q, k, v } = signals();
      const means = {
        q: repeated(q, batch, heads * size),
        k: repeated(k, kvLines, size),
        v: repeated(v, kvLines, valueSize),
      };
      expectClose(await multiResolution({ q, k, v }, 0), await dense(means));
    });

    test('weights of a row sum to 1, whatever the number of blocks', async () => {
      const data = signals();
      const ones = { ...data, v: new Float32Array(data.v.length).fill(1) };
      for (const count of [0, 7, 30])
        expectClose(await multiResolution(ones, count), new Float32Array(lines * tokens * valueSize).fill(1));
    });

    test('the error shrinks as blocks are added', async () => {
      const data = signals();
      const want = await dense(data);
      const errors: number[] = [];
      for (const count of [0, 6, 14, 28, all]) {
        const got = await multiResolution(data, count);
        errors.push(Math.sqrt(want.reduce((sum, value, i) => sum + (value - got[i]!) ** 2, 0) / want.length));
      }
      errors.slice(1).forEach((error, i) => expect(error).toBeLessThan(errors[i]!));
    });

    test('one block in detail: the formula written out', async () => {
      const data = signals();
      const { q, k, v } = data;
      const got = await multiResolution(data, 1);
      const dot = (a: Numbers, at: number, b: Numbers, to: number): number =>
        Array.from({ length: size }, (_, c) => a[at + c]! * b[to + c]!).reduce((sum, each) => sum + each, 0) /
        Math.sqrt(size);
      const [meanQ, meanK] = [repeated(q, batch, heads * size), repeated(k, kvLines, size)];
      const meanV = repeated(v, kvLines, valueSize);
      const placeOf = (line: number, token: number): number =>
        (Math.floor(line / heads) * tokens + token) * heads + (line % heads);
      const kvPlaceOf = (line: number, token: number): number =>
        Math.floor((line * kvLines) / lines) * tokens + token;
      const rowQ = (line: number, token: number): number => placeOf(line, token) * size;
      const rowK = (line: number, token: number): number => kvPlaceOf(line, token) * size;
      const want = new Float32Array(got.length);
      for (let line = 0; line < lines; line++) {
        const coarse = Array.from({ length: all }, (_, i) =>
          dot(meanQ, rowQ(line, Math.floor(i / blocks) * block), meanK, rowK(line, (i % blocks) * block)),
        );
        const best = coarse.indexOf(Math.max(...coarse));
        for (let query = 0; query < tokens; query++) {
          const row = Math.floor(query / block) * blocks;
          const exact = (key: number): boolean => row + Math.floor(key / block) === best;
          const weights = Array.from({ length: tokens }, (_, key) =>
            Math.exp(
              exact(key)
                ? dot(q, rowQ(line, query), k, rowK(line, key))
                : coarse[row + Math.floor(key / block)]!,
            ),
          );
          const sum = weights.reduce((total, weight) => total + weight, 0);
          for (let c = 0; c < valueSize; c++)
            want[placeOf(line, query) * valueSize + c] =
              weights.reduce(
                (total, weight, key) =>
                  total + weight * (exact(key) ? v : meanV)[kvPlaceOf(line, key) * valueSize + c]!,
                0,
              ) / sum;
        }
      }
      expectClose(got, want);
    });

    test('MRA-2-s attends the chosen blocks only: rows of a block that has none are zero, all blocks are softmax attention', async () => {
      const data = signals();
      expectClose(await multiResolution(data, all, false), await dense(data));
      const got = await multiResolution(data, 1, false);
      const rowIsZero = (line: number, query: number): boolean => {
        const at = ((Math.floor(line / heads) * tokens + query) * heads + (line % heads)) * valueSize;
        return got.subarray(at, at + valueSize).every((value) => value === 0);
      };
      for (let line = 0; line < lines; line++) {
        const seeing = Array.from({ length: blocks }, (_, i) => !rowIsZero(line, i * block));
        expect(seeing.filter(Boolean)).toHaveLength(1);
      }
    });
  },
);
