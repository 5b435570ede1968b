import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { longConv } from './index.ts';
import { longConvReference } from './reference.ts';

const sizes = (
  [batch, rows, columns, channels, tap_rows, taps]: readonly [number, number, number, number, number, number],
  options: CheckCase['options'] = {},
): CheckCase => ({ axes: { batch, rows, columns, channels, tap_rows, taps }, options });

export const check: KernelCheck = {
  kernel: longConv,
  reference: longConvReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops:
      axes.batch! *
      axes.rows! *
      axes.columns! *
      axes.channels! *
      Math.min(axes.tap_rows!, axes.rows!) *
      Math.min(axes.taps!, axes.columns!),
  }),
  cases: [
    sizes([1, 1, 1, 1, 1, 1]),
    sizes([2, 1, 33, 5, 1, 33], { skip: true }),
    sizes([1, 1, 65, 4, 1, 16]),
    sizes([1, 1, 9, 3, 1, 40], { skip: true }),
    sizes([2, 1, 31, 7, 1, 17], { centred: true, skip: true }),
    sizes([1, 1, 20, 4, 1, 99], { centred: true }),
    sizes([2, 7, 9, 3, 10, 12], { skip: true }),
    sizes([1, 13, 6, 5, 5, 6]),
  ],
  workloads: [
    {
      ...sizes([1, 1, 128, 64, 1, 128], { skip: true }),
      name: 'filter',
      model: 'hyena, small',
      size: 'small',
    },
    {
      ...sizes([1, 1, 1024, 768, 1, 1024], { skip: true }),
      name: 'filter',
      model: 'hyena-125m',
      size: 'large',
    },
  ],
  // A sum of as many products as there are taps, in one order.
  floor: ({ axes }) => Math.sqrt(axes.taps! * axes.tap_rows!) * 2 ** -23,
};
