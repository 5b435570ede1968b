// Combiner (Ren et al. 2021, arXiv 2107.05768), made of kernels that are there. Each token sees some tokens by themselves and the
// others as regions, whose values are what a query of the region's own attends to, in one softmax. The fixed pattern: the own block
// token by token, other blocks as regions. The log-sparse one: the token itself, and the binary parts of what comes before it.
import { normalNumbers } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bandBlocks,
  blockMask,
  type BlockPattern,
  blockTable,
  listedKeys,
  otherBlocks,
} from './fillings/index.ts';
import { attentionMerge } from './attention-merge/index.ts';
import { concat } from '../memory/concat/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { gatherAttention } from './gather-attention/index.ts';
import { reduce } from '../rows/reduce/index.ts';
import { blockLists } from './block-lists.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
type Attended = Readonly<Record<'q' | 'k' | 'v', Numbers>>;
const expectClose = expectWithin(3e-6);
const [tokens, heads, size] = [64, 2, 8];
const tensor = (shape: readonly number[], data?: Numbers | Uint32Array<ArrayBuffer>): Tensor =>
  opened.device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');
/** Queries are `[tokens, heads, size]`, keys and values `[heads, tokens, size]`. */
const drawAll = (): Attended => ({
  q: normalNumbers(tokens * heads * size, 1),
  k: normalNumbers(tokens * heads * size, 2),
  v: normalNumbers(tokens * heads * size, 3),
});
const tensorsOf = ({ q, k, v }: Attended): Record<'q' | 'k' | 'v', Tensor> => ({
  q: tensor([1, tokens, heads, size], q),
  k: tensor([1, heads, tokens, size], k),
  v: tensor([1, heads, tokens, size], v),
});

/** A key and a value for each block: keys `[1, heads, blocks, size]`, values in the order bshd. */
async function summaries(
  { q, k, v }: Record<'q' | 'k' | 'v', Tensor>,
  block: number,
): Promise<Record<'k' | 'v', Tensor>> {
  const { device } = opened;
  const regions = tokens / block;
  // A region's key is the largest of its keys in each channel, its query the mean of its queries.
  const keys = await runKernel(device, reduce, {
    options: { operation: 'max' },
    inputs: { x: { ...k, shape: [heads * regions, block, size] } },
  });
  const queries = await runKernel(device, reduce, {
    options: { operation: 'mean' },
    inputs: { x: { ...q, shape: [regions, block, heads * size] } },
  });
  // Its value is what that query attends to within the region: regions are batch rows, which lie inside heads.
  const shape = [regions, heads, block, size];
  const { y } = await runKernel(device, flashAttention, {
    options: { k_strides: 'hbsd', v_strides: 'hbsd' },
    inputs: {
      q: { ...queries.y, shape: [regions, 1, heads, size] },
      k: { ...k, shape },
      v: { ...v, shape },
    },
  });
  const summary = [1, heads, regions, size];
  return { k: { ...keys.y, shape: summary }, v: { ...y, shape: summary } };
}

async function logSparse(data: Attended): Promise<Numbers> {
  const { device } = opened;
  const inputs = tensorsOf(data);
  // Tokens, then blocks of two, of four, …: a list of nodes from which queries choose.
  let { k, v } = inputs;
  const firstNode = [0];
  for (let block = 2; block < tokens; block *= 2) {
    firstNode.push(k.shape[2]!);
    const level = await summaries(inputs, block);
    const axes = { rows: k.shape[2]! + tokens / block };
    k = (await runKernel(device, concat, { axes, inputs: { first: k, second: level.k } })).y;
    const behind = { first: v, second: level.v };
    v = (await runKernel(device, concat, { axes, inputs: behind, options: { second_order: 'bshd' } })).y;
  }
  const selected = firstNode.length + 1;
  const lists = Array.from({ length: tokens }, (_, i) => [
    i,
    ...firstNode.map((first, level) => ((i >> level) % 2 === 1 ? first + (i >> level) - 1 : 0xffff_ffff)),
  ]);
  const { y } = await runKernel(device, gatherAttention, {
    slots: { select: listedKeys({ batch: false, heads: 1 }) },
    axes: { selected },
    inputs: {
      q: inputs.q,
      k,
      v,
      'select.keys': tensor([1, 1, tokens, selected], Uint32Array.from(lists.flat())),
    },
  });
  return (await y.read()) as Numbers;
}

async function fixed(data: Attended, block: number, causal: boolean): Promise<Numbers> {
  const { device } = opened;
  const inputs = tensorsOf(data);
  const regions = tokens / block;
  const matrix = { queryBlocks: regions, keyBlocks: regions };
  // 1. The own block, from lists with nothing but the diagonal.
  const parts = tensor([2, 1, tokens, heads, size]);
  const part = { ...parts, shape: [1, tokens, heads, size] };
  const own = blockLists(matrix, bandBlocks(0));
  const local = await runKernel(device, flashAttention, {
    options: { causal, lse: true, blocks: 'listed', block_size: block, y_strides: '0/2 b s h d' },
    inputs: {
      ...inputs,
      block_starts: tensor([own.starts.length], own.starts),
      block_keys: tensor([own.keys.length], own.keys),
    },
    outputs: { y: part },
  });
  // 2. Other blocks' summaries.
  const regionsOf = await summaries(inputs, block);
  // 3. All queries attend to other regions: to those before their own, or to all.
  const others: BlockPattern = causal ? (query, key) => key < query : otherBlocks(bandBlocks(0));
  const regional = await runKernel(device, flashAttention, {
    options: { lse: true, v_strides: 'bshd', y_strides: '1/2 b s h d' },
    slots: { mask: blockMask({ size: block, keySize: 1, ...matrix }) },
    inputs: {
      q: inputs.q,
      ...regionsOf,
      'mask.blocks': tensor([1, regions, regions], blockTable(matrix, others)),
    },
    outputs: { y: part },
  });
  // 4. One softmax over both.
  const inARow = (lse: Tensor): Tensor => ({ ...lse, shape: [1, 1, 1, heads * tokens] });
  const both = await runKernel(device, concat, {
    axes: { rows: 2 },
    inputs: { first: inARow(local.lse), second: inARow(regional.lse) },
  });
  const { y } = await runKernel(device, attentionMerge, {
    inputs: { parts, part_lse: { ...both.y, shape: [2, 1, heads, tokens] } },
  });
  return (await y.read()) as Numbers;
}

/** The regions that token i sees, each as its tokens; one token is seen by itself. */
type Pattern = (i: number) => readonly (readonly number[])[];

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
const fixedPattern =
  (block: number, causal: boolean): Pattern =>
  (i) => {
    const own = Math.floor(i / block);
    const others = range(0, causal ? own : tokens / block).filter((region) => region !== own);
    const ownTokens = range(own * block, causal ? i + 1 - own * block : block);
    return [...ownTokens.map((j) => [j]), ...others.map((region) => range(region * block, block))];
  };
const logSparsePattern: Pattern = (i) => {
  const parts = [[i]];
  for (let end = i; end > 0; end &= end - 1) {
    const count = end & -end;
    parts.push(range(end - count, count));
  }
  return parts;
};

/** The weights p(j | i) of one head as the paper writes them. */
function weightsOf({ q, k }: Attended, head: number, pattern: Pattern): number[][] {
  const scale = 1 / Math.sqrt(size);
  const queryOf = (i: number): number[] =>
    Array.from({ length: size }, (_, c) => q[(i * heads + head) * size + c]!);
  const keyOf = (j: number): number[] =>
    Array.from({ length: size }, (_, c) => k[(head * tokens + j) * size + c]!);
  const exp = (a: readonly number[], b: readonly number[]): number =>
    Math.exp(scale * a.reduce((sum, value, c) => sum + value * b[c]!, 0));
  return range(0, tokens).map((i) => {
    const weights = Array<number>(tokens).fill(0);
    for (const members of pattern(i)) {
      const key = members.map(keyOf).reduce((most, row) => most.map((value, c) => Math.max(value, row[c]!)));
      const query = members
        .map(queryOf)
        .reduce(
          (sum, row) => sum.map((value, c) => value + row[c]! / members.length),
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
  { name: 'fixed, causal', run: (data: Attended) => fixed(data, 16, true), pattern: fixedPattern(16, true) },
  { name: 'fixed', run: (data: Attended) => fixed(data, 16, false), pattern: fixedPattern(16, false) },
  { name: 'log-sparse', run: logSparse, pattern: logSparsePattern },
];

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`Combiner (${testProfile.name})`, () => {
  test.each(patterns)('$name: equals its weights written out, which sum to 1', async ({ run, pattern }) => {
    const data = drawAll();
    const want = new Float32Array(tokens * heads * size);
    for (let head = 0; head < heads; head++)
      weightsOf(data, head, pattern).forEach((weights, i) => {
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
        for (let c = 0; c < size; c++)
          want[(i * heads + head) * size + c] = weights.reduce(
            (sum, weight, j) => sum + weight * data.v[(head * tokens + j) * size + c]!,
            0,
          );
      });
    expectClose(await run(data), want);
    const ones = { ...data, v: new Float32Array(data.v.length).fill(1) };
    expectClose(await run(ones), new Float32Array(want.length).fill(1));
  });

  const causal = patterns.filter(({ name }) => name !== 'fixed');
  test.each(causal)(
    '$name: nothing before a token changes with it, and tokens after it see it',
    async ({ run }) => {
      const data = drawAll();
      const before = await run(data);
      const at = 37;
      const changed = (rows: Numbers, rowsOf: (head: number) => number): Numbers => {
        const copy = rows.slice();
        for (let head = 0; head < heads; head++)
          for (let c = 0; c < size; c++) copy[rowsOf(head) * size + c] = 3 - c;
        return copy;
      };
      const keyRow = (head: number): number => head * tokens + at;
      const after = await run({
        q: changed(data.q, (head) => at * heads + head),
        k: changed(data.k, keyRow),
        v: changed(data.v, keyRow),
      });
      const row = heads * size;
      expect(after.subarray(0, at * row)).toEqual(before.subarray(0, at * row));
      for (const token of [at, at + 1, 48, tokens - 1])
        expect(after.subarray(token * row, (token + 1) * row)).not.toEqual(
          before.subarray(token * row, (token + 1) * row),
        );
    },
  );

  test('one block of all tokens is softmax attention', async () => {
    const data = drawAll();
    const { y } = await runKernel(opened.device, flashAttention, {
      options: { causal: true },
      inputs: tensorsOf(data),
    });
    expectClose(await fixed(data, tokens, true), await y.read());
  });
});
