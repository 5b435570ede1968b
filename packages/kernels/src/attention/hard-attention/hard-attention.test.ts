import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { hardAttention } from './index.ts';
import { noKey } from './reference.ts';

testKernel(check);

// A program in the manner of Friedman et al. 2023: each token fetches the token before it, and the first one, which has
// none before it, the beginning of the sequence.
test.skipIf(testProfile.compileOnly)(
  'one-hot queries and keys give the discrete program, token for token',
  async () => {
    const { device, dispose } = await openTestDevice();
    const tokens = [0, 3, 1, 3, 2, 2, 1];
    const positions = tokens.length;
    const oneHot = (at: number): number[] => Array.from({ length: 8 }, (_, i) => (i === at ? 1 : 0));
    const q = device.tensor(
      [1, positions, 1, 8],
      tokens.flatMap((_, i) => oneHot(Math.max(i - 1, 0))),
    );
    const k = device.tensor(
      [1, positions, 1, 8],
      tokens.flatMap((_, i) => oneHot(i)),
    );
    const v = device.tensor(
      [1, positions, 1, 8],
      tokens.flatMap((token) => oneHot(token)),
    );
    const { y, indices } = await runKernel(device, hardAttention, {
      inputs: { q, k, v },
      options: { causal: true, indices: true },
    });
    const before = tokens.map((_, i) => Math.max(i - 1, 0));
    expect(Array.from(await indices.read())).toEqual(before);
    expect(Array.from(await y.read())).toEqual(before.flatMap((i) => oneHot(tokens[i]!)));
    dispose();
  },
);

test.skipIf(testProfile.compileOnly)(
  'equals go to the lowest index, and a query without keys to none',
  async () => {
    const { device, dispose } = await openTestDevice();
    const q = device.tensor([2, 1, 1, 4], Array<number>(8).fill(1));
    const k = device.tensor([2, 40, 1, 4], Array<number>(320).fill(1));
    const v = device.tensor(
      [2, 40, 1, 4],
      Array.from({ length: 320 }, (_, i) => i + 1),
    );
    const lengths = device.tensor([2], Uint32Array.of(40, 0));
    const { y, indices } = await runKernel(device, hardAttention, {
      inputs: { q, k, v, lengths },
      options: { lengths: true, indices: true },
    });
    expect(Array.from(await indices.read())).toEqual([0, noKey]);
    expect(Array.from(await y.read())).toEqual([1, 2, 3, 4, 0, 0, 0, 0]);
    dispose();
  },
);
