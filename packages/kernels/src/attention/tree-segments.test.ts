// Vcc: some tokens as they are, the others as means of segments, which are finer where those tokens look.
import { normalNumbers } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyCounts } from './fillings/index.ts';
import { attentionWeights } from './attention-weights/index.ts';
import { embedding } from '../rows/embedding/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { reduce } from '../rows/reduce/index.ts';
import { segmentSum } from '../grid/segment-sum/index.ts';
import { topK } from '../rows/top-k/index.ts';
import { treeSegments, type TreeSegments, type TreeSegmentsOptions } from './tree-segments.ts';

describe('segments of a tree', () => {
  test('exact tokens come first, the others in segments as fine as they are refined', () => {
    expect(treeSegments({ tokens: 10, sizes: [4] })).toEqual({
      assignment: Uint32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2),
      segments: 3,
    });
    expect(treeSegments({ tokens: 10, sizes: [4, 2, 1], refined: [[1], [2]], exact: [9, 1] })).toEqual({
      assignment: Uint32Array.of(2, 1, 2, 2, 3, 4, 5, 5, 6, 0),
      segments: 7,
    });
    // A segment all of whose tokens are exact is none.
    expect(treeSegments({ tokens: 4, sizes: [2], exact: [2, 3] })).toEqual({
      assignment: Uint32Array.of(2, 2, 0, 1),
      segments: 3,
    });
  });

  test.each<[TreeSegmentsOptions, string]>([
    [
      { tokens: 2.5, sizes: [4] },
      'there are 2.5 tokens, and 1 sizes; a sequence has a positive number of tokens, and is cut by at least one size. ' +
        'Fix: correct them.',
    ],
    [
      { tokens: 8, sizes: [] },
      'there are 8 tokens, and 0 sizes; a sequence has a positive number of tokens, and is cut by at least one size. ' +
        'Fix: correct them.',
    ],
    [
      { tokens: 8, sizes: [4, 3] },
      'sizes are 4, 3; each is a number of tokens that divides the one before. Fix: correct them.',
    ],
    [
      { tokens: 8, sizes: [4], refined: [[0]] },
      '1 levels are refined of 1; a level is cut into the next one, so the last one is not. ' +
        'Fix: give another size, or fewer lists.',
    ],
    [
      { tokens: 8, sizes: [4, 2, 1], refined: [[0], [2]] },
      'segment 2 of 2 tokens is refined; of 8 tokens those are refined that were cut from a refined one, each once. ' +
        'Fix: leave it out, or refine what it is part of.',
    ],
    [
      { tokens: 8, sizes: [4], exact: [8] },
      'exact token 8 is none of 8; exact tokens are some of the sequence, each once. Fix: leave it out.',
    ],
    [
      { tokens: 8, sizes: [4], exact: [3, 3] },
      'exact token 3 comes twice; exact tokens are some of the sequence, each once. Fix: leave it out.',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => treeSegments(options)).toThrow(`[treeSegments] ${message}`);
  });
});

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
const tensor = (shape: readonly number[], data: Numbers | Uint32Array<ArrayBuffer>): Tensor =>
  opened.device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');
type Attended = Readonly<Record<'q' | 'k' | 'v', Tensor>>;
/** All `[1, tokens, heads, size]`, as projections leave them. */
const drawAll = (): Attended => {
  const draw = (seed: number, factor: number): Tensor =>
    tensor([1, tokens, heads, size], normalNumbers(tokens * row, seed).map((x) => factor * x) as Numbers);
  return { q: draw(1, 2), k: draw(2, 1), v: draw(3, 1) };
};
const inOrder = { k_strides: 'bshd', v_strides: 'bshd' };
const asKeys = (x: Tensor): Tensor => ({ ...x, shape: [1, heads, x.shape[1]!, size] });

const dense = async ({ q, k, v }: Attended): Promise<Numbers> => {
  const { y } = await runKernel(opened.device, flashAttention, {
    options: inOrder,
    inputs: { q, k: asKeys(k), v: asKeys(v) },
  });
  return (await y.read()) as Numbers;
};

const compressed = (
  { assignment, segments }: TreeSegments,
  x: Tensor,
): Promise<Readonly<Record<'y' | 'counts', Tensor>>> =>
  runKernel(opened.device, segmentSum, {
    axes: { segments },
    options: { operation: 'mean', counts: true, x_strides: 'bshd', y_strides: 'bshd' },
    inputs: { x, assignment: tensor([1, 1, tokens], assignment) },
  });

/** Attention among segments, and its rows handed back to the tokens of each. */
async function attend(data: Attended, cut: TreeSegments): Promise<Numbers> {
  const { device } = opened;
  const [q, k, v] = [
    await compressed(cut, data.q),
    await compressed(cut, data.k),
    await compressed(cut, data.v),
  ];
  const { y } = await runKernel(device, flashAttention, {
    options: inOrder,
    slots: { score: keyCounts({ shared: true }) },
    inputs: { q: q.y, k: asKeys(k.y), v: asKeys(v.y), 'score.counts': k.counts },
  });
  const spread = await runKernel(device, embedding, {
    inputs: { table: { ...y, shape: [cut.segments, row] }, ids: tensor([tokens], cut.assignment) },
  });
  return (await spread.y.read()) as Numbers;
}

/** The `count` segments that the important tokens look at most; with `least`, those that they look at least. */
async function chosen(
  { q, k }: Attended,
  cut: TreeSegments,
  count: number,
  least = false,
): Promise<number[]> {
  const { device } = opened;
  const [queries, keys] = [await compressed(cut, q), await compressed(cut, k)];
  const { scores } = await runKernel(device, attentionWeights, {
    options: { k_strides: 'bshd' },
    slots: { score: keyCounts({ shared: true }) },
    // The important tokens are the first segments.
    inputs: {
      q: { ...queries.y, shape: [1, important.length, heads, size] },
      k: asKeys(keys.y),
      'score.counts': keys.counts,
    },
  });
  const looks = await runKernel(device, reduce, {
    options: { operation: 'sum' },
    inputs: { x: { ...scores, shape: [1, heads * important.length, cut.segments] } },
  });
  const columns = cut.segments - important.length;
  const all = Array.from(await looks.y.read()).slice(important.length);
  const { ids } = await runKernel(device, topK, {
    axes: { k: count },
    inputs: {
      x: tensor(
        [1, columns],
        Float32Array.from(all, (look) => (least ? -look : look)),
      ),
    },
  });
  return Array.from(await ids.read());
}

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
      const [most, least] = [await chosen(data, coarse, 3), await chosen(data, coarse, 3, true)];
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
    });
  },
);
