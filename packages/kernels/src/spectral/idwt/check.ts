import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { idwt } from './index.ts';
import { idwtReference } from './reference.ts';

const sizes = (rows: number, length: number, taps: number): CheckCase => ({
  axes: { rows, length, half: length / 2, taps },
});

export const check: KernelCheck = {
  kernel: idwt,
  reference: idwtReference,
  cost: ({ axes: { rows, half, taps } }, bytes) => ({ bytes, flops: 4 * rows! * half! * taps! }),
  cases: [
    sizes(1, 2, 2),
    sizes(3, 2, 16),
    sizes(4, 6, 6),
    sizes(2, 66, 4),
    sizes(5, 128, 2),
    sizes(2, 258, 16),
    { ...sizes(3, 34, 8), name: 'large values', scale: { low: 1e30, high: 1e30 } },
  ],
  workloads: [
    { ...sizes(64, 128, 4), name: 'sequence', model: 'wavspa, small', size: 'small' },
    { ...sizes(1024, 4096, 16), name: 'sequence', model: 'wavspa, LRA', size: 'large' },
  ],
  // A sum of as many products as there are taps, in one order.
  floor: ({ axes: { taps } }) => Math.sqrt(taps!) * 2 ** -23,
};
