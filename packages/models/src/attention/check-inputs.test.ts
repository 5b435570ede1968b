// What recipes say of tensors that are none, before a device is asked for anything.
import { isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { fixedCombiner, logSparseCombiner } from './combiner.ts';
import { compressedAttention, segmentAttention } from './compressed.ts';
import { groupAttention, kMaxUpdate, kMeansGroups } from './groups.ts';
import { multiResolutionAttention } from './multi-resolution.ts';
import { probSparseAttention } from './prob-sparse.ts';
import { sampledPointAttention } from './sampled-points.ts';
import { variedWindowAttention } from './varied-windows.ts';

const device = undefined as never;
const options = {} as never;
const recipes = {
  fixedCombiner: (tensors: never) => fixedCombiner(device, tensors, { blockSize: 2 }),
  logSparseCombiner: (tensors: never) => logSparseCombiner(device, tensors),
  compressedAttention: (tensors: never) => compressedAttention(device, tensors, options),
  segmentAttention: (tensors: never) => segmentAttention(device, tensors, options),
  groupAttention: (tensors: never) => groupAttention(device, tensors, { groups: 2 }),
  kMaxUpdate: (tensors: never) => kMaxUpdate(device, tensors),
  kMeansGroups: (tensors: never) => kMeansGroups(device, tensors, { rounds: 2 }),
  multiResolutionAttention: (tensors: never) => multiResolutionAttention(device, tensors, options),
  probSparseAttention: (tensors: never) => probSparseAttention(device, tensors, options),
  sampledPointAttention: (tensors: never) => sampledPointAttention(device, tensors, options),
  variedWindowAttention: (tensors: never) => variedWindowAttention(device, tensors, options),
};

test.each(Object.entries(recipes))('%s of no tensors', async (name, recipe) => {
  const kinds = [
    [undefined, 'undefined'],
    [null, 'null'],
    ['text', "'text'"],
    [[], '[]'],
    [Promise.resolve({}), 'a promise'],
  ] as const;
  for (const [tensors, shown] of kinds) {
    const error: unknown = await recipe(tensors as never).catch((reason: unknown) => reason);
    if (!isTilewrightError(error)) throw error;
    expect(error.message).toMatch(`[${name}] tensors is ${shown}; it must be an object`);
    expect(error.code).toBe('bad-argument');
  }
});
