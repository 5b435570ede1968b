import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { cacheWrite } from './index.ts';
import { cacheWriteReference } from './reference.ts';

const shape = (
  [batch, outer, tokens, capacity, inner]: readonly [number, number, number, number, number],
  options: Readonly<Record<string, OptionValue>> = {},
): CheckCase => ({ axes: { batch, outer, tokens, capacity, inner }, options });

const starts = (
  { batch }: CheckCase['axes'],
  random: () => number,
  least: number,
  span: number,
): { starts: Uint32Array } => ({
  starts: Uint32Array.from({ length: batch! }, () => least + Math.floor(random() * span)),
});

/** Updates that end outside of the cache. */
const rowsBeyond: DrawInputs = ({ axes }, random) =>
  starts(axes, random, axes.capacity! - axes.tokens! + 1, 2 * axes.tokens!);

export const check: KernelCheck = {
  kernel: cacheWrite,
  reference: cacheWriteReference,
  cases: [
    shape([1, 1, 1, 1, 1]),
    shape([2, 1, 1, 4, 5]),
    shape([3, 2, 3, 7, 8], { circular: true }),
    shape([3, 1, 2, 4, 5], { starts: false }),
    shape([2, 3, 5, 11, 6], { in_place: true }),
    shape([3, 2, 4, 9, 12], { in_place: true, circular: true }),
    shape([2, 2, 3, 3, 4], { in_place: true, starts: false }),
    { ...shape([3, 2, 5, 7, 4]), name: 'rows beyond the cache', inputs: rowsBeyond },
    {
      ...shape([3, 2, 5, 7, 4], { in_place: true }),
      name: 'rows beyond the cache',
      inputs: rowsBeyond,
    },
    shape([2, 1, 64, 65, 67], { circular: true }),
  ],
  workloads: [
    {
      name: 'decode',
      model: 'shakespeare-1m',
      size: 'small',
      ...shape([1, 4, 1, 128, 32], { in_place: true }),
    },
    {
      name: 'prefill 512',
      model: 'Llama-3.2-1B',
      size: 'large',
      ...shape([4, 8, 512, 2048, 64], { in_place: true }),
    },
  ],
  inputs: ({ axes, options }, random) => {
    const { capacity, tokens } = axes as { capacity: number; tokens: number };
    return starts(axes, random, 0, options?.circular ? 3 * capacity : capacity - tokens + 1);
  },
  floor: () => 0,
};
