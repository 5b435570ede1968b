// Vcc: some tokens as they are, the others as means of segments, which are finer where those tokens look.
import { normalNumbers } from '@tilewright/kernels';
import { treeSegments, type TreeSegments } from '@tilewright/kernels/attention';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compressedAttention, segmentAttention, segmentImportance } from './compressed.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
const expectClose = expectWithin(3e-6);
const [tokens, heads, size] = [128, 2, 8];
const row = heads * size;
const important = [0, 77];
const tensor = (shape: readonly number[], data: Numbers): Tensor => opened.device.tensor([...shape], data);
type Attended = Readonly<Record<'q' | 'k' | 'v', Tensor>>;
const drawAll = (): Attended => {
  const draw = (shape: readonly number[], seed: number, factor: number): Tensor =>
    tensor(shape, normalNumbers(tokens * row, seed).map((x) => factor * x) as Numbers);
  const shape = [1, tokens, heads, size];
  return { q: draw(shape, 1, 2), k: draw(shape, 2, 1), v: draw(shape, 3, 1) };
};
const dense = async (data: Attended): Promise<Numbers> => {
  const { y } = await runKernel(opened.device, flashAttention, { inputs: data });
  return (await y.read()) as Numbers;
};
const attend = async (data: Attended, cut: TreeSegments): Promise<Numbers> => {
  const { y } = await segmentAttention(opened.device, data, cut);
  return (await y.read()) as Numbers;
};

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `compressed sequences (${testProfile.name})`,
  () => {
    test('with all segments refined to tokens it is dense attention', async () => {
      const data = drawAll();
      const everything = treeSegments({
        tokens,
        sizes: [16, 4, 1],
        refined: [Array.from({ length: 8 }, (_, i) => i), Array.from({ length: 32 }, (_, i) => i)],
        exact: important,
      });
      expect(everything.segments).toBe(tokens);
      expectClose(await attend(data, everything), await dense(data));
    });

    test('it is attention among means, which count as often as they have members; members get what their mean got', async () => {
      const data = drawAll();
      const cut = treeSegments({ tokens, sizes: [16, 4], refined: [[2, 5]], exact: important });
      expect(cut.segments).toBe(2 + 6 + 8);
      const got = await attend(data, cut);
      /** Rows of all heads. */
      const meansOf = async (x: Tensor): Promise<number[][]> => {
        const values = await x.read();
        return Array.from({ length: cut.segments }, (_, segment) => {
          const own = Array.from(cut.assignment.keys()).filter((token) => cut.assignment[token] === segment);
          return Array.from(
            { length: row },
            (_each, c) => own.reduce((sum, token) => sum + values[token * row + c]!, 0) / own.length,
          );
        });
      };
      const [q, k, v] = [await meansOf(data.q), await meansOf(data.k), await meansOf(data.v)];
      const want = new Float32Array(tokens * row);
      for (let token = 0; token < tokens; token++)
        for (let head = 0; head < heads; head++) {
          const query = q[cut.assignment[token]!]!;
          // Over all tokens, each as its segment's mean.
          const weights = Array.from(cut.assignment, (segment) => {
            let score = 0;
            for (let c = head * size; c < (head + 1) * size; c++) score += query[c]! * k[segment]![c]!;
            return Math.exp(score / Math.sqrt(size));
          });
          const sum = weights.reduce((total, weight) => total + weight, 0);
          for (let c = head * size; c < (head + 1) * size; c++)
            want[token * row + c] =
              weights.reduce((total, weight, at) => total + weight * v[cut.assignment[at]!]![c]!, 0) / sum;
        }
      expectClose(got, want);
    });

    test('refining what the important tokens look at brings their rows nearer to dense attention', async () => {
      const data = drawAll();
      const want = await dense(data);
      const options = { tokens, sizes: [16, 4, 1], exact: important };
      const coarse = treeSegments(options);
      const { importance } = await segmentImportance(opened.device, data, coarse, {
        important: important.length,
      });
      const looks = Array.from(await importance.read());
      expect(looks.reduce((sum, look) => sum + look, 0)).toBeCloseTo(heads * important.length, 4);
      // The important tokens are the first segments.
      const order = looks
        .slice(important.length)
        .map((look, segment) => ({ look, segment }))
        .sort((a, b) => b.look - a.look)
        .map(({ segment }) => segment);
      const [most, least] = [order.slice(0, 3), order.slice(-3)];
      const error = async (refined: readonly (readonly number[])[]): Promise<number> => {
        const got = await attend(data, treeSegments({ ...options, refined }));
        return important.reduce((sum, token) => {
          const own = (values: Numbers): Numbers => values.subarray(token * row, (token + 1) * row);
          return sum + own(got).reduce((total, value, c) => total + (value - own(want)[c]!) ** 2, 0);
        }, 0);
      };
      const parts = (list: readonly number[]): number[] =>
        list.flatMap((i) => [4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3]);
      const [none, wrong, right] = [
        await error([]),
        await error([least, parts(least)]),
        await error([most, parts(most)]),
      ];
      expect(right).toBeLessThan(none);
      expect(right).toBeLessThan(wrong);
      // The whole recipe cuts the same segments: 3 of 8, and all 12 that these are cut into.
      const { device } = opened;
      const { buffersAlive } = device.counters;
      const whole = await compressedAttention(device, data, {
        sizes: [16, 4, 1],
        refine: [3, 12],
        important,
      });
      expect(device.counters.buffersAlive).toBe(buffersAlive + 1);
      const cut = treeSegments({ ...options, refined: [most, parts(most)] });
      expect([...whole.segments.assignment]).toEqual([...cut.assignment]);
      expect(await whole.y.read()).toEqual(await attend(data, cut));
    });

    test('of what was cut, that is cut finer which is looked at most; the last segment need not be full', async () => {
      const data = drawAll();
      // 121 tokens: the last segment has 9 of 16.
      const shorter: Attended = {
        q: tensor([1, 121, heads, size], ((await data.q.read()) as Numbers).slice(0, 121 * row)),
        k: tensor([1, 121, heads, size], ((await data.k.read()) as Numbers).slice(0, 121 * row)),
        v: tensor([1, 121, heads, size], ((await data.v.read()) as Numbers).slice(0, 121 * row)),
      };
      const { segments } = await compressedAttention(opened.device, shorter, {
        sizes: [16, 4, 1],
        refine: [2, 3],
        important,
      });
      // 2 exact, 6 coarse, 5 of 4, 12 of 1, less those that only hold exact tokens or lie past the end.
      const lengths = new Map<number, number>();
      for (const segment of segments.assignment) lengths.set(segment, (lengths.get(segment) ?? 0) + 1);
      const single = [...lengths].filter(([segment, length]) => segment >= important.length && length === 1);
      expect(single.length).toBeGreaterThanOrEqual(9);
      expect(single.length).toBeLessThanOrEqual(13);
      expect(segments.segments).toBe(lengths.size);
    });
  },
);

describe('refused', () => {
  const inputs = (batch: number, tokens: number): Attended => {
    const { device } = opened;
    const keys = [batch, tokens, 2, 4];
    return { q: device.tensor([batch, tokens, 2, 4]), k: device.tensor(keys), v: device.tensor(keys) };
  };
  const options = { sizes: [4, 2], refine: [1], important: [0] };

  test('several batch rows', async () => {
    await expect(compressedAttention(opened.device, inputs(2, 8), options)).rejects.toThrowError(
      '[compressedAttention] q is [2, 8, 2, 4], k [2, 8, 2, 4] and v [2, 8, 2, 4]; q is [batch, queries, heads, head_size], ' +
        'k [batch, keys, kv_heads, head_size] and v [batch, keys, kv_heads, value_size], where kv_heads divides heads, and ' +
        'queries is keys, and batch is 1. Fix: give tensors of such shapes.',
    );
  });

  test.each<[string, object, string]>([
    ['no important token', { important: [] }, "'important.length' is 0; it is an integer, from 1 to 8."],
    ['a level too many', { refine: [1, 1] }, "'refine.length' is 2; it is an integer, from 0 to 1."],
    ['more segments than there are', { refine: [3] }, "'refine[0]' is 3; it is an integer, from 0 to 2."],
  ])('%s', async (_, other, message) => {
    await expect(
      compressedAttention(opened.device, inputs(1, 8), { ...options, ...other }),
    ).rejects.toThrowError(`[compressedAttention] ${message} Fix: give such a number.`);
  });

  test('segments of another sequence', async () => {
    const cut = treeSegments({ tokens: 6, sizes: [2] });
    await expect(segmentAttention(opened.device, inputs(1, 8), cut)).rejects.toThrowError(
      "[segmentAttention] 'segments.assignment.length' is 6; it is an integer, from 8 to 8. Fix: give such a number.",
    );
  });
});
