// Combiner (Ren et al. 2021, arXiv 2107.05768), the fixed pattern: the own block token by token, earlier blocks each as one region
// whose values are what a query of the region's own attends to, in one softmax. Made of kernels that are there.
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
  otherBlocks,
} from '../fillings/attention/index.ts';
import { attentionMerge } from '../kernels/attention-merge/index.ts';
import { concat } from '../kernels/concat/index.ts';
import { flashAttention } from '../kernels/flash-attention/index.ts';
import { reduce } from '../kernels/reduce/index.ts';
import { blockLists } from './block-lists.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
type Attended = Readonly<Record<'q' | 'k' | 'v', Numbers>>;
const expectClose = expectWithin(3e-6);
const [tokens, heads, size] = [96, 2, 8];
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

async function combiner(data: Attended, block: number, causal: boolean): Promise<Numbers> {
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
  // 2. A region's key is the largest of its keys in each channel, its query the mean of its queries.
  const regionKeys = await runKernel(device, reduce, {
    options: { operation: 'max' },
    inputs: { x: { ...inputs.k, shape: [heads * regions, block, size] } },
  });
  const regionQueries = await runKernel(device, reduce, {
    options: { operation: 'mean' },
    inputs: { x: { ...inputs.q, shape: [regions, block, heads * size] } },
  });
  // 3. Its value is what that query attends to within the region: regions are batch rows, which lie inside heads.
  const inRegions = [regions, heads, block, size];
  const summaries = await runKernel(device, flashAttention, {
    options: { k_strides: 'hbsd', v_strides: 'hbsd' },
    inputs: {
      q: { ...regionQueries.y, shape: [regions, 1, heads, size] },
      k: { ...inputs.k, shape: inRegions },
      v: { ...inputs.v, shape: inRegions },
    },
  });
  // 4. All queries attend to other regions: to those before their own, or to all.
  const others: BlockPattern = causal ? (query, key) => key < query : otherBlocks(bandBlocks(0));
  const regional = await runKernel(device, flashAttention, {
    options: { lse: true, v_strides: 'bshd', y_strides: '1/2 b s h d' },
    slots: { mask: blockMask({ size: block, keySize: 1, ...matrix }) },
    inputs: {
      q: inputs.q,
      k: { ...regionKeys.y, shape: [1, heads, regions, size] },
      v: { ...summaries.y, shape: [1, heads, regions, size] },
      'mask.blocks': tensor([1, regions, regions], blockTable(matrix, others)),
    },
    outputs: { y: part },
  });
  // 5. One softmax over both.
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

/** The weights p(j | i) of one head as the paper writes them. */
function weightsOf({ q, k }: Attended, head: number, block: number, causal: boolean): number[][] {
  const scale = 1 / Math.sqrt(size);
  const queryOf = (i: number): number[] =>
    Array.from({ length: size }, (_, c) => q[(i * heads + head) * size + c]!);
  const keyOf = (j: number): number[] =>
    Array.from({ length: size }, (_, c) => k[(head * tokens + j) * size + c]!);
  const exp = (a: readonly number[], b: readonly number[]): number =>
    Math.exp(scale * a.reduce((sum, value, c) => sum + value * b[c]!, 0));
  const members = (region: number): number[] => Array.from({ length: block }, (_, i) => region * block + i);
  const regions = Array.from({ length: tokens / block }, (_, region) => {
    const rows = members(region);
    const query = rows
      .map(queryOf)
      .reduce((sum, row) => sum.map((value, c) => value + row[c]! / block), Array<number>(size).fill(0));
    const key = rows.map(keyOf).reduce((most, row) => most.map((value, c) => Math.max(value, row[c]!)));
    const within = rows.map((j) => exp(query, keyOf(j)));
    const sum = within.reduce((total, weight) => total + weight, 0);
    return { key, within: within.map((weight) => weight / sum) };
  });
  return Array.from({ length: tokens }, (_, i) => {
    const own = Math.floor(i / block);
    const weights = Array.from({ length: tokens }, (_each, j) => {
      const region = Math.floor(j / block);
      if (region === own) return causal && j > i ? 0 : exp(queryOf(i), keyOf(j));
      if (causal && region > own) return 0;
      return exp(queryOf(i), regions[region]!.key) * regions[region]!.within[j % block]!;
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  });
}

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`Combiner (${testProfile.name})`, () => {
  test.each([true, false])('equals its weights written out, which sum to 1 (causal: %s)', async (causal) => {
    const data = drawAll();
    const want = new Float32Array(tokens * heads * size);
    for (let head = 0; head < heads; head++)
      weightsOf(data, head, 16, causal).forEach((weights, i) => {
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
        for (let c = 0; c < size; c++)
          want[(i * heads + head) * size + c] = weights.reduce(
            (sum, weight, j) => sum + weight * data.v[(head * tokens + j) * size + c]!,
            0,
          );
      });
    expectClose(await combiner(data, 16, causal), want);
    const ones = { ...data, v: new Float32Array(data.v.length).fill(1) };
    expectClose(await combiner(ones, 16, causal), new Float32Array(want.length).fill(1));
  });

  test('causal: nothing before a token changes with it, and tokens after its block see it', async () => {
    const data = drawAll();
    const before = await combiner(data, 16, true);
    const at = 37;
    const changed = (rows: Numbers, rowsOf: (head: number) => number): Numbers => {
      const copy = rows.slice();
      for (let head = 0; head < heads; head++)
        for (let c = 0; c < size; c++) copy[rowsOf(head) * size + c] = 3 - c;
      return copy;
    };
    const keyRow = (head: number): number => head * tokens + at;
    const after = await combiner(
      {
        q: changed(data.q, (head) => at * heads + head),
        k: changed(data.k, keyRow),
        v: changed(data.v, keyRow),
      },
      16,
      true,
    );
    const row = heads * size;
    expect(after.subarray(0, at * row)).toEqual(before.subarray(0, at * row));
    for (const token of [at, at + 1, 48, tokens - 1])
      expect(after.subarray(token * row, (token + 1) * row)).not.toEqual(
        before.subarray(token * row, (token + 1) * row),
      );
  });

  test('one block of all tokens is softmax attention', async () => {
    const data = drawAll();
    const { y } = await runKernel(opened.device, flashAttention, {
      options: { causal: true },
      inputs: tensorsOf(data),
    });
    expectClose(await combiner(data, tokens, true), await y.read());
  });
});
