// Listed blocks: what they see is what a mask over all blocks sees, and nothing else is visited.
import { type Filling, normalStream } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockMask, blockTable } from './fillings/index.ts';
import { decodeAttention } from './decode-attention/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { bigBirdBlocks, blockLists, longformerBlocks } from './block-lists.ts';
import { attentionCase, attentionCheck, mixedStorage } from './check-cases.ts';
import { attentionSlots, type MaskReference } from './slots.ts';

const listed = { blocks: 'listed' };

testKernel(
  attentionCheck(flashAttention, [
    attentionCase([1, 9, 20, 2, 1, 4], {
      axes: { list_bounds: 4, listed: 9 },
      options: { ...listed, block_size: 4 },
    }),
    attentionCase([2, 70, 150, 4, 2, 8], {
      axes: { list_bounds: 13, listed: 25 },
      options: { ...listed, block_size: 29, block_heads: true, causal: true, lengths: true },
      dtypes: mixedStorage,
    }),
    attentionCase([3, 50, 90, 2, 2, 8], {
      name: 'packed too',
      axes: { tokens: 83, key_tokens: 140, bounds: 4, list_bounds: 5, listed: 13 },
      options: { ...listed, block_size: 16, packed: true, window_left: 40 },
      dtypes: mixedStorage,
    }),
  ]),
);

testKernel(
  attentionCheck(decodeAttention, [
    attentionCase([1, 1, 20, 2, 1, 4], {
      axes: { list_bounds: 2, listed: 3 },
      options: { ...listed, block_size: 4 },
    }),
    attentionCase([2, 2, 600, 4, 2, 8], {
      axes: { list_bounds: 5, listed: 40 },
      options: { ...listed, block_size: 32, block_heads: true, causal: true, lengths: true },
      dtypes: mixedStorage,
    }),
  ]),
);

/** Sees everything, and leaves a 1 for each tile that is asked for. */
const visitor = (queries: number, keys: number): Filling<MaskReference> => ({
  ...(attentionSlots.mask.default as Filling<MaskReference>),
  id: `visitor-${queries}-${keys}`,
  bindings: { visited: { shape: ['heads', queries, keys], dtype: 'u32', role: 'output' } },
  wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 { return s; }
fn ${slot}_tile(tile: Tile) -> u32 {
  ${slot}_visited_store((tile.head * ${queries}u + tile.query) * ${keys}u + tile.key, 1u);
  return 1u;
}`,
});

// SwiftShader gets its share above; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`listed blocks (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const [heads, size, blockSize] = [2, 8, 32];
  const tensorsOf = (tokens: number): Record<'q' | 'k' | 'v', Tensor> => {
    const draw = (seed: number): Float32Array<ArrayBuffer> => {
      const normal = normalStream(seed);
      return Float32Array.from({ length: tokens * heads * size }, () => normal());
    };
    const { device } = opened;
    return {
      q: device.tensor([1, tokens, heads, size], draw(1)),
      k: device.tensor([1, tokens, heads, size], draw(2)),
      v: device.tensor([1, tokens, heads, size], draw(3)),
    };
  };
  const visitedBy = async (tokens: number, radius?: number): Promise<number> => {
    const { device } = opened;
    const blocks = tokens / blockSize;
    const visited = device.tensor([heads, tokens, tokens], new Uint32Array(heads * tokens * tokens), 'u32');
    const lists =
      radius === undefined
        ? undefined
        : blockLists({ queryBlocks: blocks, keyBlocks: blocks }, longformerBlocks(radius, [0]));
    await runKernel(device, flashAttention, {
      inputs: {
        ...tensorsOf(tokens),
        ...(lists && {
          block_starts: device.tensor([lists.starts.length], lists.starts),
          block_keys: device.tensor([lists.keys.length], lists.keys),
        }),
      },
      outputs: { 'mask.visited': visited },
      options: lists ? { ...listed, block_size: blockSize } : {},
      slots: { mask: visitor(tokens, tokens) },
    });
    return ((await visited.read()) as Uint32Array).reduce((sum, each) => sum + each, 0);
  };

  test('listed = masked dense', async () => {
    const { device } = opened;
    const [tokens, blocks] = [200, 7];
    const pattern = bigBirdBlocks({ radius: 1, globals: [2], random: 1, keyBlocks: blocks });
    const { starts, keys } = blockLists({ queryBlocks: blocks, keyBlocks: blocks }, pattern);
    const tensors = tensorsOf(tokens);
    const options = { causal: true, lse: true };
    const sparse = await runKernel(device, flashAttention, {
      inputs: {
        ...tensors,
        block_starts: device.tensor([starts.length], starts),
        block_keys: device.tensor([keys.length], keys),
      },
      options: { ...options, ...listed, block_size: blockSize },
    });
    const table = blockTable({ queryBlocks: blocks, keyBlocks: blocks }, pattern);
    const dense = await runKernel(device, flashAttention, {
      inputs: { ...tensors, 'mask.blocks': device.tensor([1, blocks, blocks], table) },
      options,
      slots: { mask: blockMask({ size: blockSize, queryBlocks: blocks, keyBlocks: blocks }) },
    });
    const want = await dense.y.read();
    (await sparse.y.read()).forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 5));
    const lse = await dense.lse.read();
    (await sparse.lse.read()).forEach((value, i) => expect(value).toBeCloseTo(lse[i]!, 4));
    expect(keys.length).toBeLessThan(blocks * blocks);
  });

  test('tiles that are not listed are not visited: their number grows with the lists', async () => {
    const [short, long] = [128, 512];
    // Longformer: three blocks in the band, and block 0 for all; all see block 0, which sees all.
    const listsOf = (tokens: number): number => {
      const blocks = tokens / blockSize;
      return blocks * 3 - 2 + 2 * (blocks - 2);
    };
    const [fewer, more] = [await visitedBy(short, 1), await visitedBy(long, 1)];
    expect(more / fewer).toBeCloseTo(listsOf(long) / listsOf(short), 5);
    const [all, allMore] = [await visitedBy(short), await visitedBy(long)];
    expect(allMore / all).toBe(16);
    expect(fewer / all).toBeCloseTo(listsOf(short) / (short / blockSize) ** 2, 5);
  });
});
