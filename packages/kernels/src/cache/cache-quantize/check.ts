import { storageBytes } from '../../contract/storage-type.ts';
import { memoryOrder, rowAddress } from '../../memory/memory-order.ts';
import type { CheckCase, CheckInputs, KernelCheck, Workload } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { cacheQuantize, planeOf } from './index.ts';
import { cacheQuantizeReference } from './reference.ts';

type Options = Readonly<Record<string, OptionValue>>;

const shape = (
  [batch, kv_heads, tokens, size, capacity]: readonly [number, number, number, number, number],
  given: Options = {},
): CheckCase => {
  const options = { bits: 8, group_tokens: 1, group_channels: 0, ...given };
  const axes = { batch, kv_heads, tokens, size, capacity };
  return { axes: { ...axes, plane: planeOf({ axes, options }).planeWords }, options };
};

const keys = { group_tokens: 32, group_channels: 1 };

export const check: KernelCheck = {
  kernel: cacheQuantize,
  reference: cacheQuantizeReference,
  cost: (problem) => {
    const { batch, kv_heads: heads, tokens, size } = problem.axes as Record<string, number>;
    const { rowWords, groupTokens, channelGroups } = planeOf(problem);
    const row = size! * storageBytes(problem.dtypes.x) + 4 * rowWords + (8 * channelGroups) / groupTokens;
    return { bytes: batch! * heads! * tokens! * row, flops: 5 * batch! * heads! * tokens! * size! };
  },
  cases: [
    shape([1, 1, 1, 1, 1]),
    shape([2, 2, 3, 8, 7]),
    shape([1, 2, 5, 12, 9], { bits: 4, group_tokens: 4, group_channels: 1 }),
    shape([2, 1, 3, 5, 6], { bits: 4 }),
    shape([2, 2, 9, 7, 13], { group_tokens: 3, group_channels: 2, x_strides: 'bshd' }),
    shape([1, 3, 4, 24, 8], { bits: 4, group_channels: 8 }),
    shape([1, 1, 6, 36, 8], { group_tokens: 2, group_channels: 8 }),
    shape([3, 1, 33, 20, 64], { bits: 4, ...keys }),
    { ...shape([3, 2, 4, 8, 6]), name: 'rows beyond the cache', inputs: rowsBeyond },
  ],
  workloads: [
    {
      name: 'a block of keys',
      model: 'shakespeare-1m',
      size: 'small',
      ...shape([1, 4, 32, 32, 128], keys),
    } satisfies Workload,
    {
      name: 'values of a prefill of 512',
      model: 'Llama-3.2-1B',
      size: 'large',
      ...shape([1, 8, 512, 64, 2048], { bits: 4 }),
    },
  ],
  inputs: exactBlocks,
  floor: () => 0,
};

/**
 * Values whose codes no rounding can change: in each block a least value, a largest, and others at most a quarter of a step
 * from a code, steps being powers of two. Words are compared to the bit.
 */
function exactBlocks({ axes, options = {} }: CheckCase, random: () => number): CheckInputs {
  const { batch, kv_heads, tokens, size, capacity } = axes as Record<string, number>;
  const { groupTokens, groupChannels, planeWords } = planeOf({ axes, options });
  const levels = 2 ** Number(options.bits) - 1;
  const order = memoryOrder('cache-quantize', 'x_strides', String(options.x_strides ?? 'bhsd'), false);
  const addressOf = rowAddress(order, { b: batch!, s: tokens!, h: kv_heads!, d: size! });
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const x = new Float32Array(batch! * kv_heads! * tokens! * size!);
  for (let line = 0; line < batch! * kv_heads!; line++)
    for (let token = 0; token < tokens!; token += groupTokens)
      for (let first = 0; first < size!; first += groupChannels) {
        const count = Math.min(groupTokens, tokens! - token);
        const channels = Math.min(groupChannels, size! - first);
        const step = 2 ** (upTo(6) - 3);
        const low = upTo(160) - 80;
        for (let i = 0; i < count * channels; i++) {
          const edge = i === 0 ? 0 : i === count * channels - 1 ? levels : undefined;
          const code = edge ?? Math.min(Math.max(upTo(levels) + (upTo(2) - 1) / 4, 0), levels);
          const row = addressOf(
            Math.floor(line / kv_heads!),
            line % kv_heads!,
            token + Math.floor(i / channels),
          );
          x[row + first + (i % channels)] = step * (low + code);
        }
      }
  return {
    x,
    starts: Uint32Array.from({ length: batch! }, () => upTo(capacity! - tokens!)),
    cache: Uint32Array.from({ length: batch! * kv_heads! * planeWords }, () => upTo(2 ** 32 - 1)),
  };
}

/** Updates that end outside of the cache. */
function rowsBeyond({ axes }: CheckCase, random: () => number): CheckInputs {
  const least = axes.capacity! - axes.tokens! + 1;
  return {
    starts: Uint32Array.from({ length: axes.batch! }, () => least + Math.floor(random() * axes.tokens!)),
  };
}
