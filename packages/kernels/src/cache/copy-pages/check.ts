import { storageBytes } from '../../contract/storage-type.ts';
import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { copyPages } from './index.ts';
import { copyPagesReference } from './reference.ts';

const shape = (pages: number, inner: number, copies: number): CheckCase => ({
  axes: { pages, inner, copies, pair: 2 },
});

/** From the first pages to the last ones, or so many beyond; the first of them to several. */
function pairs({ axes }: CheckCase, beyond: number): Uint32Array {
  const { pages, copies } = axes as { pages: number; copies: number };
  return Uint32Array.from({ length: 2 * copies }, (_, i) =>
    i % 2 === 1 ? pages - 1 - (i >> 1) + beyond : (i >> 1) % Math.max(1, pages - copies - 1),
  );
}

export const check: KernelCheck = {
  kernel: copyPages,
  reference: copyPagesReference,
  cost: ({ axes, dtypes }) => ({
    bytes: axes.copies! * (2 * axes.inner! * storageBytes(dtypes.pool) + 8),
    flops: 0,
  }),
  cases: [
    shape(2, 1, 1),
    shape(5, 12, 2),
    shape(7, 35, 3),
    shape(9, 130, 4),
    { ...shape(5, 20, 2), name: 'pages beyond the pool', inputs: (input) => ({ pairs: pairs(input, 1) }) },
  ],
  workloads: [
    { name: 'fork of 4 beams', model: 'shakespeare-1m', size: 'small', ...shape(32, 4 * 16 * 32, 4) },
    { name: 'fork of 16 beams', model: 'Llama-3.2-1B', size: 'large', ...shape(2048, 8 * 16 * 64, 16) },
  ],
  inputs: (input) => ({ pairs: pairs(input, 0) }),
  floor: () => 0,
};
