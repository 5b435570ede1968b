// Keys and pixels in groups: RITA's group attention, its k-means, and kMaX's update of centres.
import { normalNumbers } from '@tilewright/kernels';
import { attentionWeights } from '@tilewright/kernels/attention-weights';
import { batchedMatmul, batchedMatmulAxes } from '@tilewright/kernels/batched-matmul';
import { keyCounts } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { segmentSum } from '@tilewright/kernels/segment-sum';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { tokensFirst } from '@tilewright/tooling/tokens-first';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupAttention, kMaxUpdate, kMeansGroups } from './groups.ts';

type Numbers = Float32Array<ArrayBuffer>;

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

const tensor = (shape: readonly number[], data: Numbers | Uint32Array<ArrayBuffer>): Tensor =>
  opened.device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');
const expectClose = expectWithin(3e-6);

const [batch, tokens, queries, heads, kvHeads, size, groups] = [2, 130, 21, 4, 2, 8, 12];
const rowOf = (data: ArrayLike<number>, row: number): number[] =>
  Array.from({ length: size }, (_, c) => data[row * size + c]!);
const squared = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, c) => sum + (value - b[c]!) ** 2, 0);

/** Members of groups: a centre, and as much noise. The last group of each head has none. */
function clustered(noise: number): {
  readonly k: Numbers;
  readonly centres: Numbers;
  readonly group: Uint32Array;
} {
  const centres = normalNumbers(batch * kvHeads * groups * size, 1);
  const shifts = normalNumbers(batch * kvHeads * tokens * size, 2);
  const group = Uint32Array.from(
    { length: batch * kvHeads * tokens },
    (_, i) => (i * 7 + (i >> 3)) % (groups - 1),
  );
  const k = Float32Array.from(shifts, (shift, i) => {
    const [row, c] = [Math.floor(i / size), i % size];
    return centres[(Math.floor(row / tokens) * groups + group[row]!) * size + c]! + noise * shift;
  });
  return { k, centres, group };
}

/** Means of the members of each group, and how many they are. */
const means = (x: Tensor, assignment: Tensor): Promise<Readonly<Record<'y' | 'counts', Tensor>>> =>
  runKernel(opened.device, segmentSum, {
    axes: { segments: groups },
    options: { operation: 'mean', counts: true, x_strides: 'bshd', y_strides: 'bshd' },
    inputs: { x, assignment },
  });

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`groups of keys (${testProfile.name})`, () => {
  const drawQ = (): Tensor =>
    tensor([batch, queries, heads, size], normalNumbers(batch * queries * heads * size, 3));

  test('where the keys of a group are equal, group attention is full attention', async () => {
    const { device } = opened;
    const { k: keys, centres, group } = clustered(0);
    const q = drawQ();
    const k = tensor([batch, tokens, kvHeads, size], tokensFirst(keys, kvHeads, tokens, size));
    const v = tensor([batch, tokens, kvHeads, size], normalNumbers(keys.length, 4));
    const { assignment, counts } = await kMeansGroups(
      device,
      {
        k,
        centres: tensor([batch, groups, kvHeads, size], tokensFirst(centres, kvHeads, groups, size)),
      },
      { rounds: 1 },
    );
    expect(await assignment.read()).toEqual(group);
    expect(Array.from(await counts.read()).filter((count) => count === 0)).toHaveLength(batch * kvHeads);
    const grouped = await groupAttention(device, { q, k, v, assignment }, { groups });
    const full = await runKernel(device, flashAttention, {
      options: { lse: true },
      inputs: { q, k, v },
    });
    expectClose(await grouped.y.read(), await full.y.read());
    expectClose(await grouped.lse.read(), await full.lse.read());
  });

  test('weights are off by a factor of exp(2 R d) at most, d the distance to the mean, R the longest query', async () => {
    const { device } = opened;
    const { k: keys, group } = clustered(0.02);
    const q = drawQ();
    const k = tensor([batch, tokens, kvHeads, size], tokensFirst(keys, kvHeads, tokens, size));
    const { y: representatives, counts } = await means(k, tensor([batch, kvHeads, tokens], group.slice()));
    const centre = tokensFirst(await representatives.read(), groups, kvHeads, size);
    const numbers = await counts.read();
    const centreRow = (line: number, row: number): number => line * groups + group[line * tokens + row]!;
    let [distance, longest] = [0, 0];
    for (let row = 0; row < batch * kvHeads * tokens; row++) {
      const own = rowOf(centre, centreRow(Math.floor(row / tokens), row % tokens));
      distance = Math.max(distance, Math.sqrt(squared(rowOf(keys, row), own)));
    }
    const queryData = await q.read();
    for (let row = 0; row < batch * queries * heads; row++)
      longest = Math.max(longest, Math.sqrt(squared(rowOf(queryData, row), Array<number>(size).fill(0))));
    const bound = Math.exp((2 * longest * distance) / Math.sqrt(size));
    const exact = await runKernel(device, attentionWeights, {
      inputs: { q, k },
    });
    const grouped = await runKernel(device, attentionWeights, {
      slots: { score: keyCounts() },
      inputs: { q, k: representatives, 'score.counts': counts },
    });
    const want = await exact.scores.read();
    const got = await grouped.scores.read();
    let worst = 1;
    want.forEach((weight, i) => {
      const [row, token] = [Math.floor(i / tokens), i % tokens];
      const [b, head] = [Math.floor(row / queries / heads), Math.floor(row / queries) % heads];
      const line = b * kvHeads + Math.floor((head * kvHeads) / heads);
      const own = centreRow(line, token);
      const ratio = got[row * groups + (own % groups)]! / numbers[own]! / weight;
      worst = Math.max(worst, ratio, 1 / ratio);
    });
    expect(worst).toBeLessThanOrEqual(bound);
    expect(worst).toBeGreaterThan(1.02);
    expect(bound).toBeLessThan(2);
  });

  test('rounds of k-means bring keys nearer to their centres, and group attention nearer to full attention', async () => {
    const { device } = opened;
    const { k: keys } = clustered(0.3);
    const q = drawQ();
    const k = tensor([batch, tokens, kvHeads, size], tokensFirst(keys, kvHeads, tokens, size));
    const v = tensor([batch, tokens, kvHeads, size], normalNumbers(keys.length, 4));
    const { y: dense } = await runKernel(device, flashAttention, { inputs: { q, k, v } });
    const full = (await dense.read()) as Numbers;
    // The first keys of each head are its first centres.
    const first = tensor(
      [batch, groups, kvHeads, size],
      Float32Array.from({ length: batch * groups * kvHeads * size }, (_, i) => {
        const [row, head] = [Math.floor(i / size / kvHeads), Math.floor(i / size) % kvHeads];
        const line = Math.floor(row / groups) * kvHeads + head;
        return keys[(line * tokens + (row % groups)) * size + (i % size)]!;
      }),
    );
    let centres = first;
    const distances: number[] = [];
    const errors: number[] = [];
    for (let round = 0; round < 6; round++) {
      const found = await kMeansGroups(device, { k, centres }, { rounds: 1 });
      const chosen = tokensFirst(await found.nearest.read(), tokens, kvHeads, size);
      distances.push(keys.reduce((sum, value, i) => sum + (value - chosen[i]!) ** 2, 0));
      centres = found.centres;
      const { y } = await groupAttention(device, { q, k, v, assignment: found.assignment }, { groups });
      const got = await y.read();
      errors.push(full.reduce((sum, value, i) => sum + (value - got[i]!) ** 2, 0));
    }
    distances
      .slice(1)
      .forEach((distance, i) => expect(distance).toBeLessThanOrEqual(distances[i]! * (1 + 1e-6)));
    expect(distances.at(-1)!).toBeLessThan(0.8 * distances[0]!);
    expect(errors.at(-1)!).toBeLessThan(errors[0]!);
    // Rounds one by one are rounds in one call.
    const { buffersAlive } = device.counters;
    const together = await kMeansGroups(device, { k, centres: first }, { rounds: 6 });
    expect(device.counters.buffersAlive).toBe(buffersAlive + 4);
    expect(await together.centres.read()).toEqual(await centres.read());
  });

  test('one list of groups for all heads is the same list for each', async () => {
    const { device } = opened;
    const { k: keys } = clustered(0.3);
    const q = drawQ();
    const k = tensor([batch, tokens, kvHeads, size], tokensFirst(keys, kvHeads, tokens, size));
    const v = tensor([batch, tokens, kvHeads, size], normalNumbers(keys.length, 4));
    const list = Uint32Array.from({ length: tokens }, (_, i) => (i * 5) % groups);
    const repeated = (count: number): Tensor =>
      tensor(
        [batch, count, tokens],
        Uint32Array.from({ length: batch * count * tokens }, (_, i) => list[i % tokens]!),
      );
    const [one, all] = [
      await groupAttention(device, { q, k, v, assignment: repeated(1) }, { groups }),
      await groupAttention(device, { q, k, v, assignment: repeated(kvHeads) }, { groups }),
    ];
    expect(await one.y.read()).toEqual(await all.y.read());
  });

  test('fewer keys than heads: the shape says which are key heads', async () => {
    const { device } = opened;
    const shape = [1, 2, 2, size];
    const q = tensor([1, 3, 4, size], normalNumbers(12 * size, 1));
    const [k, v] = [tensor(shape, normalNumbers(4 * size, 2)), tensor(shape, normalNumbers(4 * size, 3))];
    // Each key is a group by itself.
    const assignment = tensor([1, 1, 2], Uint32Array.of(0, 1));
    const { y } = await groupAttention(device, { q, k, v, assignment }, { groups: 2 });
    const dense = await runKernel(device, flashAttention, { axes: { kv_heads: 2 }, inputs: { q, k, v } });
    expectClose(await y.read(), await dense.y.read());
  });

  test('kMaX: each pixel goes to one centre, the lowest of equals; the update is that of one-hot weights', async () => {
    const { device } = opened;
    const [pixels, centres, valueSize] = [300, 7, 5];
    // Small integers, so that scores are exact; centre 5 is centre 2 again.
    const draw = (count: number, seed: number): Numbers =>
      normalNumbers(count, seed).map((value) => Math.round(2 * value)) as Numbers;
    const keys = draw(pixels * kvHeads * size, 1);
    const queryRows = draw(kvHeads * centres * size, 2);
    for (let head = 0; head < kvHeads; head++)
      queryRows.copyWithin(
        (head * centres + 5) * size,
        (head * centres + 2) * size,
        (head * centres + 3) * size,
      );
    const values = normalNumbers(pixels * kvHeads * valueSize, 3);
    const update = await kMaxUpdate(device, {
      q: tensor([1, centres, kvHeads, size], tokensFirst(queryRows, kvHeads, centres, size)),
      k: tensor([1, pixels, kvHeads, size], keys),
      v: tensor([1, pixels, kvHeads, valueSize], values),
    });
    const chosen = await update.assignment.read();
    const oneHot = new Float32Array(kvHeads * centres * pixels);
    for (let head = 0; head < kvHeads; head++)
      for (let pixel = 0; pixel < pixels; pixel++) {
        const key = rowOf(keys, pixel * kvHeads + head);
        const scores = Array.from({ length: centres }, (_, centre) =>
          rowOf(queryRows, head * centres + centre).reduce((sum, value, c) => sum + value * key[c]!, 0),
        );
        const best = scores.indexOf(Math.max(...scores));
        expect(chosen[head * pixels + pixel]).toBe(best);
        oneHot[(head * centres + best) * pixels + pixel] = 1;
      }
    const options = { b_strides: 'k b n' };
    const product = await runKernel(device, batchedMatmul, {
      axes: batchedMatmulAxes({ batch: kvHeads, m: centres, n: valueSize, k: pixels }, options),
      options,
      inputs: { a: tensor([oneHot.length], oneHot), b: tensor([values.length], values) },
    });
    // The product has heads outside of centres.
    expectClose(tokensFirst(await update.y.read(), centres, kvHeads, valueSize), await product.y.read());
    const counts = Array.from(await update.counts.read());
    for (let head = 0; head < kvHeads; head++) {
      const own = counts.slice(head * centres, (head + 1) * centres);
      expect(own.reduce((sum, count) => sum + count, 0)).toBe(pixels);
      expect(own[5]).toBe(0);
      expect(own[2]).toBeGreaterThan(0);
    }
  });
});

describe('refused', () => {
  const like = (...shape: number[]): Tensor => opened.device.tensor(shape);
  const k = (): Tensor => like(1, 6, 2, 4);

  test('centres of another head size', async () => {
    await expect(
      kMeansGroups(opened.device, { k: k(), centres: like(1, 3, 2, 5) }, { rounds: 1 }),
    ).rejects.toThrowError(
      "[kMeansGroups] 'centres' is [1, 3, 2, 5]; [batch, groups, kv_heads, head_size] is [1, 3, 2, 4] here. " +
        'Fix: give a tensor of that shape.',
    );
  });

  test('no round', async () => {
    await expect(
      kMeansGroups(opened.device, { k: k(), centres: like(1, 3, 2, 4) }, { rounds: 0 }),
    ).rejects.toThrowError(
      "[kMeansGroups] 'rounds' is 0; it is an integer, 1 or more. Fix: give such a number.",
    );
  });

  test('an assignment of other keys', async () => {
    const assignment = opened.device.tensor([1, 2, 5], undefined, 'u32');
    await expect(
      groupAttention(opened.device, { q: like(1, 3, 2, 4), k: k(), v: k(), assignment }, { groups: 2 }),
    ).rejects.toThrowError(
      "[groupAttention] 'assignment' is [1, 2, 5]; [batch, kv_heads | 1, keys] is [1, 2, 6] here. " +
        'Fix: give a tensor of that shape.',
    );
  });

  test('values of other pixels', async () => {
    await expect(
      kMaxUpdate(opened.device, { q: like(1, 3, 2, 4), k: like(1, 6, 2, 4), v: like(1, 5, 2, 4) }),
    ).rejects.toThrowError(
      "[kMaxUpdate] 'v' is [1, 5, 2, 4]; [batch, pixels, heads, value_size] is [1, 6, 2, 4] here. " +
        'Fix: give a tensor of that shape.',
    );
  });
});
