import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { quantizedPlane } from '../quantized-cache.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { cacheQuantize } from './index.ts';

testKernel(check);

test('a plane holds codes, then two numbers for each block', () => {
  expect(quantizedPlane({ capacity: 10, size: 12, bits: 8, groupTokens: 4, groupChannels: 1 })).toEqual({
    codesPerWord: 4,
    rowWords: 3,
    codeWords: 30,
    groupTokens: 4,
    groupChannels: 1,
    channelGroups: 12,
    planeWords: 30 + 2 * 3 * 12,
  });
  expect(quantizedPlane({ capacity: 10, size: 5, bits: 4 })).toMatchObject({ rowWords: 1, planeWords: 30 });
});

test('blocks that share words with others are refused', () => {
  expect(() => quantizedPlane({ capacity: 4, size: 12, bits: 8, groupTokens: 2, groupChannels: 3 })).toThrow(
    '[quantized cache] blocks of 2 tokens by 3 of 12 channels, 8 bits each; a block is of 1 token or more, and of all ' +
      'channels, or of a divisor or a multiple of the 4 in a word. Fix: choose such a block.',
  );
});

const axes = { batch: 1, kv_heads: 1, tokens: 3, size: 8, capacity: 4, plane: 16 };
test('a cache of another size, and an order that does not fit, are refused', () => {
  expect(() => checkProblem(cacheQuantize, { axes: { ...axes, plane: 12 } })).toThrow(
    '[cache-quantize] the cache has 12 words for a batch row and head; 4 rows of 8 channels take 16 with these options. ' +
      "Fix: give the 'planeWords' that quantizedPlane says.",
  );
  expect(() => checkProblem(cacheQuantize, { axes, options: { x_strides: 'b s h s:2 d' } })).toThrow(
    "[cache-quantize] option 'x_strides' is 'b s h s:2 d': s of size 3 has inner digits of 2; digits divide their axis. " +
      'Fix: pad s to a multiple of 2, or give it other digits.',
  );
});
