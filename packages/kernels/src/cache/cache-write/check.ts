import { storageBytes } from '../../contract/storage-type.ts';
import { isPacked } from './order.ts';
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

/** A row for each of a step's packed tokens, as language models write. */
const packed = (sizes: Parameters<typeof shape>[0]): CheckCase => {
  const { axes } = shape(sizes);
  return {
    axes: { ...axes, pair: 2 },
    options: { places: 'tokens', in_place: true },
  };
};

/** Distinct rows in a scattered order: multiplication by a number coprime to their count is a permutation. */
const scattered: DrawInputs = ({ axes: { batch, capacity, tokens } }) => {
  const rows = batch! * capacity!;
  const stride = [7, 5, 3, 1].find((each) => rows % each !== 0 || each === 1)!;
  return rowsOf(tokens!, (token) => (1 + token * stride) % rows);
};

/** All but two rows lie beyond the last sequence. */
const tokensBeyond: DrawInputs = ({ axes: { batch, capacity, tokens } }) =>
  rowsOf(tokens!, (token) => batch! * capacity! - 2 + token);

const rowsOf = (tokens: number, rowOf: (token: number) => number): { positions: Uint32Array } => ({
  positions: Uint32Array.from({ length: 2 * tokens }, (_, i) => (i % 2 === 0 ? i : rowOf(i >> 1))),
});

export const check: KernelCheck = {
  kernel: cacheWrite,
  reference: cacheWriteReference,
  cost: ({ axes, dtypes, options }) => {
    const { batch, outer, tokens, capacity, inner } = axes as Record<string, number>;
    const bytes = (name: string): number => storageBytes(dtypes[name]);
    const row = outer! * inner!;
    const written = bytes('update') + bytes('cache');
    if (isPacked(options)) return { bytes: tokens! * (row * written + 8), flops: 0 };
    const kept = options.in_place ? 0 : (capacity! - tokens!) * (bytes('past') + bytes('cache'));
    return { bytes: batch! * row * (tokens! * written + kept), flops: 0 };
  },
  cases: [
    shape([1, 1, 1, 1, 1]),
    shape([2, 1, 1, 4, 5]),
    shape([3, 2, 3, 7, 8], { circular: true }),
    shape([3, 1, 2, 4, 5], { places: 'first' }),
    shape([2, 3, 5, 11, 6], { in_place: true }),
    shape([3, 2, 4, 9, 12], { in_place: true, circular: true }),
    shape([2, 2, 3, 3, 4], { in_place: true, places: 'first' }),
    { ...shape([3, 2, 5, 7, 4]), name: 'rows beyond the cache', inputs: rowsBeyond },
    {
      ...shape([3, 2, 5, 7, 4], { in_place: true }),
      name: 'rows beyond the cache',
      inputs: rowsBeyond,
    },
    shape([2, 1, 64, 65, 67], { circular: true }),
    {
      ...shape([2, 3, 5, 11, 8], { update_strides: 'bshd' }),
      name: 'the update in the order of a projection',
    },
    shape([3, 2, 4, 9, 12], { in_place: true, circular: true, update_strides: 'sbhd' }),
    packed([1, 1, 1, 1, 1]),
    packed([1, 2, 3, 7, 5]),
    packed([2, 3, 5, 11, 8]),
    packed([3, 1, 17, 13, 64]),
    { ...packed([1, 2, 4, 9, 4]), name: 'rows beyond the cache', inputs: tokensBeyond },
  ],
  workloads: [
    {
      name: 'decode',
      model: 'shakespeare-1m',
      size: 'small',
      ...shape([1, 4, 1, 128, 32], { in_place: true }),
    },
    { name: 'decode, packed', model: 'shakespeare-1m', size: 'small', ...packed([1, 2, 1, 128, 32]) },
    {
      name: 'prefill 512',
      model: 'Llama-3.2-1B',
      size: 'large',
      ...shape([4, 8, 512, 2048, 64], { in_place: true }),
    },
    { name: 'prefill 512, packed', model: 'Llama-3.2-1B', size: 'large', ...packed([1, 8, 512, 2048, 64]) },
  ],
  inputs: (input, random) => {
    const { axes, options } = input;
    const { capacity, tokens } = axes as { capacity: number; tokens: number };
    if (options?.places === 'tokens') return scattered(input, random);
    return starts(axes, random, 0, options?.circular ? 3 * capacity : capacity - tokens + 1);
  },
  floor: () => 0,
};
