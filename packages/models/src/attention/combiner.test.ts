// Combiner against its weights written out: some tokens by themselves, the others as regions, in one softmax.
import { normalNumbers } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { tokensFirst } from '@tilewright/tooling/tokens-first';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedCombiner, logSparseCombiner } from './combiner.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
type Attended = Readonly<Record<'q' | 'k' | 'v', Numbers>>;
const expectClose = expectWithin(3e-6);
const [batch, heads, size] = [2, 2, 8];
const tensor = (shape: readonly number[], data: Numbers): Tensor => opened.device.tensor([...shape], data);
/** Queries are `[batch, tokens, heads, size]`, keys and values head by head. */
const drawAll = (tokens: number): Attended => ({
  q: normalNumbers(batch * tokens * heads * size, 1),
  k: normalNumbers(batch * tokens * heads * size, 2),
  v: normalNumbers(batch * tokens * heads * size, 3),
});
const tokensOf = ({ q }: Attended): number => q.length / batch / heads / size;
const tensorsOf = (data: Attended): Record<'q' | 'k' | 'v', Tensor> => {
  const tokens = tokensOf(data);
  return {
    q: tensor([batch, tokens, heads, size], data.q),
    k: tensor([batch, tokens, heads, size], tokensFirst(data.k, heads, tokens, size)),
    v: tensor([batch, tokens, heads, size], tokensFirst(data.v, heads, tokens, size)),
  };
};

const logSparse = async (data: Attended): Promise<Numbers> => {
  const { y } = await logSparseCombiner(opened.device, tensorsOf(data));
  return (await y.read()) as Numbers;
};
const fixed = async (data: Attended, blockSize: number, causal: boolean): Promise<Numbers> => {
  const { y } = await fixedCombiner(opened.device, tensorsOf(data), { blockSize, causal });
  return (await y.read()) as Numbers;
};

/** The regions that token i sees, each as its tokens; one token is seen by itself. */
type Pattern = (i: number, tokens: number) => readonly (readonly number[])[];

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
const fixedPattern =
  (block: number, causal: boolean): Pattern =>
  (i, tokens) => {
    const own = Math.floor(i / block);
    const membersOf = (region: number): number[] =>
      range(region * block, Math.min(block, tokens - region * block));
    const others = range(0, causal ? own : Math.ceil(tokens / block)).filter((region) => region !== own);
    const ownTokens = membersOf(own).filter((j) => !causal || j <= i);
    return [...ownTokens.map((j) => [j]), ...others.map(membersOf)];
  };
const logSparsePattern: Pattern = (i) => {
  const parts = [[i]];
  for (let end = i; end > 0; end &= end - 1) {
    const count = end & -end;
    parts.push(range(end - count, count));
  }
  return parts;
};

/** The weights p(j | i) of one head of a batch row as the paper writes them. */
function weightsOf(data: Attended, row: number, head: number, pattern: Pattern): number[][] {
  const { q, k } = data;
  const tokens = tokensOf(data);
  const scale = 1 / Math.sqrt(size);
  const channels = (rows: Numbers, at: number): number[] =>
    Array.from(rows.subarray(at * size, (at + 1) * size));
  const queryOf = (i: number): number[] => channels(q, (row * tokens + i) * heads + head);
  const keyOf = (j: number): number[] => channels(k, (row * heads + head) * tokens + j);
  const exp = (a: readonly number[], b: readonly number[]): number =>
    Math.exp(scale * a.reduce((sum, value, c) => sum + value * b[c]!, 0));
  return range(0, tokens).map((i) => {
    const weights = Array<number>(tokens).fill(0);
    for (const members of pattern(i, tokens)) {
      const key = members
        .map(keyOf)
        .reduce((most, each) => most.map((value, c) => Math.max(value, each[c]!)));
      const query = members
        .map(queryOf)
        .reduce(
          (sum, each) => sum.map((value, c) => value + each[c]! / members.length),
          Array<number>(size).fill(0),
        );
      const within = members.map((j) => exp(query, keyOf(j)));
      const sum = within.reduce((total, weight) => total + weight, 0);
      members.forEach((j, at) => (weights[j] = (exp(queryOf(i), key) * within[at]!) / sum));
    }
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  });
}

const patterns = [
  {
    name: 'fixed, causal',
    tokens: 64,
    run: (data: Attended) => fixed(data, 16, true),
    pattern: fixedPattern(16, true),
  },
  {
    name: 'fixed',
    tokens: 64,
    run: (data: Attended) => fixed(data, 16, false),
    pattern: fixedPattern(16, false),
  },
  // The last block has 5 tokens of 16, or one.
  {
    name: 'fixed, causal, a last block of 5',
    tokens: 53,
    run: (data: Attended) => fixed(data, 16, true),
    pattern: fixedPattern(16, true),
  },
  {
    name: 'fixed, a last block of 5',
    tokens: 53,
    run: (data: Attended) => fixed(data, 16, false),
    pattern: fixedPattern(16, false),
  },
  {
    name: 'fixed, a last block of 1',
    tokens: 49,
    run: (data: Attended) => fixed(data, 16, false),
    pattern: fixedPattern(16, false),
  },
  { name: 'log-sparse', tokens: 64, run: logSparse, pattern: logSparsePattern },
  { name: 'log-sparse, 53 tokens', tokens: 53, run: logSparse, pattern: logSparsePattern },
];

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`Combiner (${testProfile.name})`, () => {
  test.each(patterns)(
    '$name: equals its weights written out, which sum to 1',
    async ({ tokens, run, pattern }) => {
      const data = drawAll(tokens);
      const want = new Float32Array(data.q.length);
      for (let line = 0; line < batch * heads; line++) {
        const [row, head] = [Math.floor(line / heads), line % heads];
        weightsOf(data, row, head, pattern).forEach((weights, i) => {
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
          for (let c = 0; c < size; c++)
            want[((row * tokens + i) * heads + head) * size + c] = weights.reduce(
              (sum, weight, j) => sum + weight * data.v[(line * tokens + j) * size + c]!,
              0,
            );
        });
      }
      expectClose(await run(data), want);
      const ones = { ...data, v: new Float32Array(data.v.length).fill(1) };
      expectClose(await run(ones), new Float32Array(want.length).fill(1));
    },
  );

  const causal = patterns.filter(({ pattern, tokens }) => pattern(0, tokens).length === 1);
  test.each(causal)(
    '$name: nothing before a token changes with it, and tokens after it see it',
    async ({ tokens, run }) => {
      const data = drawAll(tokens);
      const before = await run(data);
      const at = 37;
      const changed = (rows: Numbers, rowsOf: (head: number) => number): Numbers => {
        const copy = rows.slice();
        for (let head = 0; head < heads; head++)
          for (let c = 0; c < size; c++) copy[rowsOf(head) * size + c] = 3 - c;
        return copy;
      };
      // In batch row 0.
      const keyRow = (head: number): number => head * tokens + at;
      const after = await run({
        q: changed(data.q, (head) => at * heads + head),
        k: changed(data.k, keyRow),
        v: changed(data.v, keyRow),
      });
      const row = heads * size;
      expect(after.subarray(0, at * row)).toEqual(before.subarray(0, at * row));
      expect(after.subarray(tokens * row)).toEqual(before.subarray(tokens * row));
      for (const token of [at, at + 1, 48, tokens - 1])
        expect(after.subarray(token * row, (token + 1) * row)).not.toEqual(
          before.subarray(token * row, (token + 1) * row),
        );
    },
  );

  test.each([64, 100])('a block of all tokens (%i for 64) is softmax attention', async (blockSize) => {
    const data = drawAll(64);
    const { y } = await runKernel(opened.device, flashAttention, {
      options: { causal: true },
      inputs: tensorsOf(data),
    });
    expectClose(await fixed(data, blockSize, true), await y.read());
  });

  test('intermediate tensors are freed', async () => {
    const { device } = opened;
    const inputs = tensorsOf(drawAll(53));
    const alive = device.counters.buffersAlive;
    const { y } = await fixedCombiner(device, inputs, { blockSize: 16 });
    const { y: second } = await logSparseCombiner(device, inputs);
    expect(device.counters.buffersAlive).toBe(alive + 2);
    y.dispose();
    second.dispose();
  });
});

describe('refused', () => {
  const like = (...shape: number[]): Tensor => opened.device.tensor(shape);
  const requirement =
    'q is [batch, queries, heads, head_size], k [batch, keys, kv_heads, head_size] and v [batch, keys, kv_heads, value_size], ' +
    'where kv_heads divides heads, and queries is keys, and kv_heads is heads. Fix: give tensors of such shapes.';
  const [q, k] = [(): Tensor => like(1, 6, 2, 4), (): Tensor => like(1, 6, 2, 4)];

  test('fewer key heads', async () => {
    const half = like(1, 6, 1, 4);
    await expect(logSparseCombiner(opened.device, { q: q(), k: half, v: half })).rejects.toThrowError(
      `[logSparseCombiner] q is [1, 6, 2, 4], k [1, 6, 1, 4] and v [1, 6, 1, 4]; ${requirement}`,
    );
  });

  test('another number of tokens', async () => {
    const fewer = like(1, 5, 2, 4);
    await expect(
      fixedCombiner(opened.device, { q: q(), k: fewer, v: fewer }, { blockSize: 2 }),
    ).rejects.toThrowError(
      `[fixedCombiner] q is [1, 6, 2, 4], k [1, 5, 2, 4] and v [1, 5, 2, 4]; ${requirement}`,
    );
  });

  test('half precision', async () => {
    const half = opened.device.tensor([1, 6, 2, 4], undefined, 'f16');
    await expect(
      fixedCombiner(opened.device, { q: q(), k: k(), v: half }, { blockSize: 2 }),
    ).rejects.toThrowError(
      "[fixedCombiner] 'v' is f16; the recipe passes f32 from kernel to kernel, so it takes f32. Fix: give 'v' as f32.",
    );
  });

  test('an option that is not there', async () => {
    const options = { blockSize: 2, casual: true };
    await expect(fixedCombiner(opened.device, { q: q(), k: k(), v: k() }, options)).rejects.toThrowError(
      "[fixedCombiner] there is no option 'casual'; known are blockSize, causal, scale. Fix: write 'causal'.",
    );
  });

  test('no options', async () => {
    const inputs = { q: q(), k: k(), v: k() };
    await expect(fixedCombiner(opened.device, inputs, null as never)).rejects.toThrowError(
      '[fixedCombiner] the argument is null; it must be an object of blockSize, causal, scale. ' +
        'Fix: give an object of blockSize, causal, scale.',
    );
  });

  test('keys and values head by head', async () => {
    const byHead = like(1, 2, 6, 4);
    await expect(logSparseCombiner(opened.device, { q: q(), k: byHead, v: byHead })).rejects.toThrowError(
      `[logSparseCombiner] q is [1, 6, 2, 4], k [1, 2, 6, 4] and v [1, 2, 6, 4]; ${requirement}`,
    );
  });

  test('a tensor that is not there', async () => {
    const tensors = { q: q(), k: k(), v: k(), mask: k() };
    await expect(logSparseCombiner(opened.device, tensors)).rejects.toThrowError(
      "[logSparseCombiner] there is no tensor 'mask'; tensors are q, k, v. Fix: remove it.",
    );
  });

  test.each<[string, (tensor: Tensor) => unknown, string]>([
    ['no values', () => undefined, 'missing'],
    ['a promise of them', (tensor) => Promise.resolve(tensor), 'not a tensor'],
    ['numbers', () => new Float32Array(48), 'not a tensor'],
  ])('%s', async (_, of, kind) => {
    const v = of(k()) as Tensor;
    await expect(logSparseCombiner(opened.device, { q: q(), k: k(), v })).rejects.toThrowError(
      `[logSparseCombiner] 'v' is ${kind}; the recipe reads tensors of its device. ` +
        "Fix: give device.tensor(shape, numbers) as 'v', or await what makes it.",
    );
  });

  test('a block without a token', async () => {
    await expect(
      fixedCombiner(opened.device, { q: q(), k: k(), v: k() }, { blockSize: 0 }),
    ).rejects.toThrowError(
      "[fixedCombiner] 'blockSize' is 0; it is an integer, 1 or more. Fix: give such a number.",
    );
  });
});
