// MRA-2 (Zeng et al. 2022, arXiv 2207.10284): the blocks whose means score highest exactly, all others by their means, in one
// softmax. Made of kernels that are there, for one batch row; heads choose blocks of their own.
import { normalNumbers } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockMask, blockTable, chosenBlocks, keyCounts, otherBlocks } from '../fillings/attention/index.ts';
import { attentionMerge } from '../kernels/attention-merge/index.ts';
import { attentionWeights } from '../kernels/attention-weights/index.ts';
import { concat } from '../kernels/concat/index.ts';
import { flashAttention } from '../kernels/flash-attention/index.ts';
import { segmentSum } from '../kernels/segment-sum/index.ts';
import { topK } from '../kernels/top-k/index.ts';
import { blockLists } from './block-lists.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
const expectClose = expectWithin(3e-6);
// The last block of queries and of keys is not full.
const [tokens, heads, size, valueSize, block] = [110, 2, 8, 5, 16];
const blocks = Math.ceil(tokens / block);
const counts = Uint32Array.from({ length: blocks }, (_, i) => Math.min(block, tokens - i * block));
type Attended = Readonly<Record<'q' | 'k' | 'v', Numbers>>;

const tensor = (shape: readonly number[], data?: Numbers | Uint32Array<ArrayBuffer>): Tensor =>
  opened.device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');

/** Values that change along the sequence at several rates, so that some blocks are nearly constant and others are not. */
function signals(): Attended {
  const draw = (rows: number, inner: number, channels: number, seed: number): Numbers => {
    const noise = normalNumbers(rows * inner * channels, seed);
    return Float32Array.from(noise, (value, i) => {
      const [token, c] = [
        inner === 1 ? Math.floor(i / channels) % tokens : Math.floor(i / inner / channels),
        i % channels,
      ];
      return 1.5 * Math.sin((token * (c + 1)) / 40 + c) + 0.4 * value;
    });
  };
  return {
    q: draw(tokens, heads, size, 1),
    k: draw(heads * tokens, 1, size, 2),
    v: draw(heads * tokens, 1, valueSize, 3),
  };
}

const tensorsOf = ({ q, k, v }: Attended): Record<'q' | 'k' | 'v', Tensor> => ({
  q: tensor([1, tokens, heads, size], q),
  k: tensor([1, heads, tokens, size], k),
  v: tensor([1, heads, tokens, valueSize], v),
});

const dense = async (data: Attended): Promise<Numbers> =>
  (await (await runKernel(opened.device, flashAttention, { inputs: tensorsOf(data) })).y.read()) as Numbers;

/** With the `count` best blocks of each head exact. `coarse` false: nothing but those (MRA-2-s). */
async function multiResolution(data: Attended, count: number, coarse = true): Promise<Numbers> {
  const { device } = opened;
  const inputs = tensorsOf(data);
  // 1. Means of blocks, and scores of the means.
  const assignment = tensor(
    [1, 1, tokens],
    Uint32Array.from({ length: tokens }, (_, i) => Math.floor(i / block)),
  );
  const means = (x: Tensor, strides = 'bhsd'): Promise<Readonly<Record<'y' | 'counts', Tensor>>> =>
    runKernel(device, segmentSum, {
      axes: { segments: blocks },
      options: { operation: 'mean', counts: true, x_strides: strides, y_strides: strides },
      inputs: { x, assignment },
    });
  const [q, k, v] = [await means(inputs.q, 'bshd'), await means(inputs.k), await means(inputs.v)];
  const { scores } = await runKernel(device, attentionWeights, {
    options: { stage: 'raw' },
    inputs: { q: q.y, k: k.y },
  });
  // 2. The best blocks of the whole matrix of each head.
  let numbers: Uint32Array = new Uint32Array();
  if (count > 0) {
    const { ids } = await runKernel(device, topK, {
      axes: { k: count },
      inputs: { x: { ...scores, shape: [heads, blocks * blocks] } },
    });
    numbers = (await ids.read()) as Uint32Array;
  }
  const patterns = [0, 1].map((head) =>
    chosenBlocks(numbers.subarray(head * count, (head + 1) * count), blocks),
  );
  const [first, second] = patterns as [(typeof patterns)[0], (typeof patterns)[0]];
  const matrix = { queryBlocks: blocks, keyBlocks: blocks };
  // 3. They are attended exactly, in the first of two slices,
  const parts = tensor([2, 1, tokens, heads, valueSize]);
  const part = { ...parts, shape: [1, tokens, heads, valueSize] };
  const lists = blockLists(matrix, first, second);
  const exact = await runKernel(device, flashAttention, {
    options: { lse: true, blocks: 'listed', block_size: block, block_heads: true, y_strides: '0/2 b s h d' },
    inputs: {
      ...inputs,
      block_starts: tensor([lists.starts.length], lists.starts),
      block_keys: tensor([lists.keys.length], lists.keys),
    },
    outputs: { y: part },
  });
  if (!coarse) return (await parts.read()).subarray(0, tokens * heads * valueSize) as Numbers;
  // 4. the others by their means, each of which stands for as many keys as its block has, in the second: `(s:16)` has 16 queries
  // read the same mean.
  const table = blockTable(matrix, otherBlocks(first), otherBlocks(second));
  const rest = await runKernel(device, flashAttention, {
    options: { lse: true, q_strides: `b s (s:${block}) h d`, y_strides: '1/2 b s h d' },
    slots: {
      score: keyCounts({ shared: true }),
      mask: blockMask({ size: block, keySize: 1, heads: true, ...matrix }),
    },
    inputs: {
      q: { ...q.y, shape: [1, tokens, heads, size] },
      k: k.y,
      v: v.y,
      'score.counts': k.counts,
      'mask.blocks': tensor([heads, blocks, blocks], table),
    },
    outputs: { y: part },
  });
  // 5. and both are put together.
  const inARow = (lse: Tensor): Tensor => ({ ...lse, shape: [1, 1, 1, heads * tokens] });
  const both = await runKernel(device, concat, {
    axes: { rows: 2 },
    inputs: { first: inARow(exact.lse), second: inARow(rest.lse) },
  });
  const { y } = await runKernel(device, attentionMerge, {
    inputs: { parts, part_lse: { ...both.y, shape: [2, 1, heads, tokens] } },
  });
  return (await y.read()) as Numbers;
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
        q: repeated(q, 1, heads * size),
        k: repeated(k, heads, size),
        v: repeated(v, heads, valueSize),
      };
      expectClose(await multiResolution({ q, k, v }, 0), await dense(means));
    });

    test('weights of a row sum to 1, whatever the number of blocks', async () => {
      const data = signals();
      const ones = { ...data, v: new Float32Array(data.v.length).fill(1) };
      for (const count of [0, 7, 30])
        expectClose(await multiResolution(ones, count), new Float32Array(tokens * heads * valueSize).fill(1));
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
      const [meanQ, meanK] = [repeated(q, 1, heads * size), repeated(k, heads, size)];
      const meanV = repeated(v, heads, valueSize);
      const rowQ = (head: number, token: number): number => (token * heads + head) * size;
      const rowK = (head: number, token: number): number => (head * tokens + token) * size;
      const want = new Float32Array(got.length);
      for (let head = 0; head < heads; head++) {
        const coarse = Array.from({ length: all }, (_, i) =>
          dot(meanQ, rowQ(head, Math.floor(i / blocks) * block), meanK, rowK(head, (i % blocks) * block)),
        );
        const best = coarse.indexOf(Math.max(...coarse));
        for (let query = 0; query < tokens; query++) {
          const row = Math.floor(query / block) * blocks;
          const exact = (key: number): boolean => row + Math.floor(key / block) === best;
          const weights = Array.from({ length: tokens }, (_, key) =>
            Math.exp(
              exact(key)
                ? dot(q, rowQ(head, query), k, rowK(head, key))
                : coarse[row + Math.floor(key / block)]!,
            ),
          );
          const sum = weights.reduce((total, weight) => total + weight, 0);
          for (let c = 0; c < valueSize; c++)
            want[(query * heads + head) * valueSize + c] =
              weights.reduce(
                (total, weight, key) =>
                  total + weight * (exact(key) ? v : meanV)[(head * tokens + key) * valueSize + c]!,
                0,
              ) / sum;
        }
      }
      expectClose(got, want);
      expect(counts.at(-1)).toBe(14);
    });

    test('MRA-2-s attends the chosen blocks only: rows of a block that has none are zero, all blocks are softmax attention', async () => {
      const data = signals();
      expectClose(await multiResolution(data, all, false), await dense(data));
      const got = await multiResolution(data, 1, false);
      const rowIsZero = (query: number, head: number): boolean => {
        const at = (query * heads + head) * valueSize;
        return got.subarray(at, at + valueSize).every((value) => value === 0);
      };
      for (let head = 0; head < heads; head++) {
        const seeing = Array.from({ length: blocks }, (_, i) => !rowIsZero(i * block, head));
        expect(seeing.filter(Boolean)).toHaveLength(1);
      }
    });
  },
);
