// MRA-2: exact for the blocks that are chosen, by means for all others, against both extremes and its formula written out.
import { normalNumbers } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { tokensFirst } from '@tilewright/tooling/tokens-first';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { multiResolutionAttention } from './multi-resolution.ts';

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

const tensor = (shape: readonly number[], data: Numbers): Tensor => opened.device.tensor([...shape], data);

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
  k: tensor([batch, tokens, kvHeads, size], tokensFirst(k, kvHeads, tokens, size)),
  v: tensor([batch, tokens, kvHeads, valueSize], tokensFirst(v, kvHeads, tokens, valueSize)),
});

const dense = async (data: Attended): Promise<Numbers> => {
  const { y } = await runKernel(opened.device, flashAttention, {
    axes: { kv_heads: kvHeads },
    inputs: tensorsOf(data),
  });
  return (await y.read()) as Numbers;
};

/** With the `count` best blocks of each head exact. */
async function multiResolution(
  data: Attended,
  count: number,
  others: 'means' | 'nothing' = 'means',
): Promise<Numbers> {
  const { y } = await multiResolutionAttention(opened.device, tensorsOf(data), {
    blockSize: block,
    exactBlocks: count,
    others,
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
      expectClose(await multiResolution(data, all, 'nothing'), await dense(data));
      const got = await multiResolution(data, 1, 'nothing');
      const rowIsZero = (line: number, query: number): boolean => {
        const at = ((Math.floor(line / heads) * tokens + query) * heads + (line % heads)) * valueSize;
        return got.subarray(at, at + valueSize).every((value) => value === 0);
      };
      for (let line = 0; line < lines; line++) {
        const seeing = Array.from({ length: blocks }, (_, i) => !rowIsZero(line, i * block));
        expect(seeing.filter(Boolean)).toHaveLength(1);
      }
    });

    test('intermediate tensors are freed', async () => {
      const { device } = opened;
      const inputs = tensorsOf(signals());
      const alive = device.counters.buffersAlive;
      for (const others of ['means', 'nothing'] as const) {
        const { y } = await multiResolutionAttention(device, inputs, {
          blockSize: block,
          exactBlocks: 7,
          others,
        });
        expect(y.shape).toEqual([batch, tokens, heads, valueSize]);
        expect(device.counters.buffersAlive).toBe(alive + 1);
        y.dispose();
      }
    });
  },
);

test.each<[number, number, string]>([
  [0, 1, "'blockSize' is 0; it is an integer, 1 or more. Fix: give such a number."],
  [4, 5, "'exactBlocks' is 5; it is an integer, from 0 to 4. Fix: give such a number."],
])('blocks of %i, %i of them exact, are refused', async (blockSize, exactBlocks, message) => {
  const { device } = opened;
  const inputs = {
    q: device.tensor([1, 7, 2, 4]),
    k: device.tensor([1, 7, 1, 4]),
    v: device.tensor([1, 7, 1, 4]),
  };
  await expect(multiResolutionAttention(device, inputs, { blockSize, exactBlocks })).rejects.toThrowError(
    `[multiResolutionAttention] ${message}`,
  );
});

test('another word for what becomes of the other blocks is refused', async () => {
  const { device } = opened;
  const inputs = {
    q: device.tensor([1, 7, 2, 4]),
    k: device.tensor([1, 7, 1, 4]),
    v: device.tensor([1, 7, 1, 4]),
  };
  const options = { exactBlocks: 1, others: 'mean' as 'means' };
  await expect(multiResolutionAttention(device, inputs, options)).rejects.toThrowError(
    "[multiResolutionAttention] 'others' is 'mean'; it is 'means' or 'nothing'. Fix: write 'means'.",
  );
});
