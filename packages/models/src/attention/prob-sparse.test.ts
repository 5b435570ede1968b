// ProbSparse attention: active rows are those of full attention, the others means.
import { normalNumbers } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { tokensFirst } from '@tilewright/tooling/tokens-first';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probSparseAttention, type ProbSparseOptions, sampledKeys } from './prob-sparse.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

const [batch, tokens, heads, size, samples] = [2, 48, 3, 8, 20];
const numbers = {
  q: normalNumbers(batch * tokens * heads * size, 1).map((x) => 2 * x),
  k: normalNumbers(batch * tokens * heads * size, 2),
  v: normalNumbers(batch * tokens * heads * size, 3),
};
/** Every query's samples of the keys, the same for all heads. */
const lists = Uint32Array.from({ length: tokens * samples }, (_, i) => (i * i * 7 + 3 * i) % tokens);

// SwiftShader gets its share by the kernel's own cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('ProbSparse attention', () => {
  /** Full attention for the `active` queries of the largest measures of each head, means of values for the others. */
  async function probSparse(active: number, causal: boolean, others?: 'mean' | 'sum') {
    const { device } = opened;
    const inputs = {
      q: device.tensor([batch, tokens, heads, size], numbers.q),
      k: device.tensor([batch, tokens, heads, size], tokensFirst(numbers.k, heads, tokens, size)),
      v: device.tensor([batch, tokens, heads, size], tokensFirst(numbers.v, heads, tokens, size)),
    };
    const { buffersAlive } = device.counters;
    const options = { active, samples: lists, causal, ...(others && { others }) };
    const { y, chosen } = await probSparseAttention(device, inputs, options);
    expect(device.counters.buffersAlive).toBe(buffersAlive + 2);
    const dense = await runKernel(device, flashAttention, { inputs, options: { causal } });
    return { y: await y.read(), ids: await chosen.read(), dense: await dense.y.read() };
  }

  test.each([false, true])('with all queries active it is full attention, causal: %s', async (causal) => {
    const { y, dense } = await probSparse(tokens, causal);
    expect(Math.max(...dense)).toBeGreaterThan(0.5);
    expect(Math.max(...dense.map((value, i) => Math.abs(value - y[i]!)))).toBeLessThan(2e-6);
  });

  test.each<[string, boolean, ('mean' | 'sum')?]>([
    ['means', false],
    ['means up to theirs', true],
    ['sums up to theirs', true, 'sum'],
  ])('active rows are those of full attention, the others %s', async (_, causal, others) => {
    const active = 7;
    const { y, ids, dense } = await probSparse(active, causal, others);
    expect((await probSparse(active, causal, others)).y).toEqual(y);
    let [lazy, worst] = [0, 0];
    for (let b = 0; b < batch; b++)
      for (let head = 0; head < heads; head++) {
        const row = b * heads + head;
        const chosen = new Set(ids.subarray(row * active, (row + 1) * active));
        expect(chosen.size).toBe(active);
        for (let query = 0; query < tokens; query++)
          for (let channel = 0; channel < size; channel++) {
            const at = ((b * tokens + query) * heads + head) * size + channel;
            const last = causal ? query : tokens - 1;
            let sum = 0;
            for (let key = 0; key <= last; key++) sum += numbers.v[(row * tokens + key) * size + channel]!;
            const want = chosen.has(query) ? dense[at]! : others === 'sum' ? sum : sum / (last + 1);
            worst = Math.max(worst, Math.abs(y[at]! - want));
            if (!chosen.has(query)) lazy++;
          }
      }
    expect(lazy).toBe(batch * heads * (tokens - active) * size);
    expect(worst).toBeLessThan(others === 'sum' ? 1e-5 : 2e-6);
  });
});

describe('sampled keys', () => {
  const sizes = { queries: 40, keys: 7, samples: 5 };

  test('are those of the seed, and reach every key', () => {
    const drawn = sampledKeys(sizes);
    expect(drawn).toHaveLength(200);
    expect([...new Set(drawn)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(sampledKeys({ ...sizes, seed: 1 })).toEqual(drawn);
    expect(sampledKeys({ ...sizes, seed: 2 })).not.toEqual(drawn);
  });

  test('are some of at least one', () => {
    expect(() => sampledKeys({ ...sizes, keys: 0 })).toThrowError(
      '[sampledKeys] keys is 0; it must be a positive integer. Fix: give a positive integer.',
    );
  });
});

test.each<[string, Partial<ProbSparseOptions>, string]>([
  [
    'more active queries than there are',
    { active: 7 },
    "'active' is 7; it is an integer, from 1 to 6. Fix: give such a number.",
  ],
  [
    'lists of several lengths',
    { samples: new Uint32Array(13) },
    "'samples' has 13 numbers for 6 queries; each query has a list of keys, all of one length. Fix: make them with sampledKeys.",
  ],
  [
    'a key that is not there',
    { samples: Uint32Array.of(0, 1, 2, 3, 8, 4) },
    "'samples' names key 8; there are 8 keys. Fix: make them with sampledKeys.",
  ],
  [
    'sums without order',
    { others: 'sum' },
    "'others' is 'sum' without 'causal'; without order there is one mean of all values, and no sum 'up to' a query. " +
      "Fix: leave 'others' out, or set causal: true.",
  ],
])('%s are refused', async (_, options, message) => {
  const { device } = opened;
  const like = (...shape: number[]): Tensor => device.tensor(shape);
  const inputs = { q: like(1, 6, 2, 4), k: like(1, 8, 2, 4), v: like(1, 8, 2, 4) };
  const samples = new Uint32Array(12);
  await expect(probSparseAttention(device, inputs, { active: 2, samples, ...options })).rejects.toThrowError(
    `[probSparseAttention] ${message}`,
  );
});
