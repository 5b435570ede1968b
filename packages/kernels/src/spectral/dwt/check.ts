import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { dwt } from './index.ts';
import { dwtReference } from './reference.ts';

const sizes = (rows: number, length: number, taps: number): CheckCase => ({
  axes: { rows, length, half: Math.ceil(length / 2), taps },
});

export const check: KernelCheck = {
  kernel: dwt,
  reference: dwtReference,
  cost: ({ axes: { rows, half, taps } }, bytes) => ({ bytes, flops: 4 * rows! * half! * taps! }),
  cases: [
    sizes(1, 1, 2),
    sizes(3, 2, 16),
    sizes(4, 7, 6),
    sizes(2, 65, 4),
    sizes(5, 128, 2),
    sizes(2, 257, 16),
    { ...sizes(3, 33, 8), name: 'large values', scale: { x: 1e30 } },
  ],
  workloads: [
    { ...sizes(64, 128, 4), name: 'sequence', model: 'wavspa, small', size: 'small' },
    { ...sizes(1024, 4096, 16), name: 'sequence', model: 'wavspa, LRA', size: 'large' },
  ],
  // A sum of as many products as there are taps, in one order.
  floor: ({ axes: { taps } }) => Math.sqrt(taps!) * 2 ** -23,
};
