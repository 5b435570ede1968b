import { storageBytes } from '../../contract/storage-type.ts';
import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { cacheCompact } from './index.ts';
import { cacheCompactReference } from './reference.ts';

const shape = (
  [batch, outer, capacity, inner, kept_rows]: readonly [number, number, number, number, number],
  in_place = false,
): CheckCase => ({ axes: { batch, outer, capacity, inner, kept_rows }, options: { in_place } });

/** Each row is drawn from its own stretch of the cache. */
function ascending(
  { batch, capacity, kept_rows: width }: CheckCase['axes'],
  random: () => number,
): Uint32Array {
  const stretch = Math.floor(capacity! / width!);
  return Uint32Array.from(
    { length: batch! * width! },
    (_, i) => (i % width!) * stretch + Math.floor(random() * stretch),
  );
}

/** The last row of each is none of the cache's, and counts exceed the rows. */
const rowsBeyond: DrawInputs = ({ axes }, random) => {
  const width = axes.kept_rows!;
  return {
    kept: ascending(axes, random).map((row, i) => row + (i % width === width - 1 ? 4_000_000_000 : 0)),
    counts: Uint32Array.from({ length: axes.batch! }, (_, b) => width + 9 * b),
  };
};

export const check: KernelCheck = {
  kernel: cacheCompact,
  reference: cacheCompactReference,
  cost: ({ axes, dtypes, options }) => {
    const { batch, outer, inner, kept_rows: rows } = axes as Record<string, number>;
    const bytes = (name: string): number => storageBytes(dtypes[name]);
    const moved = bytes('cache') + bytes(options.in_place ? 'cache' : 'past');
    return { bytes: batch! * rows! * (outer! * inner! * moved + 4), flops: 0 };
  },
  cases: [
    shape([1, 1, 1, 1, 1]),
    shape([2, 1, 4, 5, 3]),
    shape([2, 2, 7, 8, 4], true),
    shape([3, 2, 9, 6, 9], true),
    shape([2, 3, 11, 7, 6], true),
    shape([3, 2, 67, 12, 40]),
    { ...shape([2, 2, 9, 4, 5]), name: 'rows beyond the cache', inputs: rowsBeyond },
    { ...shape([2, 2, 9, 4, 5], true), name: 'rows beyond the cache', inputs: rowsBeyond },
  ],
  workloads: [
    {
      name: 'every other row',
      model: 'shakespeare-1m',
      size: 'small',
      ...shape([1, 4, 128, 32, 64], true),
    },
    { name: 'a quarter', model: 'Llama-3.2-1B', size: 'large', ...shape([1, 8, 4096, 64, 1024]) },
  ],
  inputs: ({ axes }, random) => ({
    kept: ascending(axes, random),
    counts: Uint32Array.from({ length: axes.batch! }, (_, b) =>
      b === 0 ? axes.kept_rows! : Math.floor(random() * (axes.kept_rows! + 1)),
    ),
  }),
  floor: () => 0,
};
