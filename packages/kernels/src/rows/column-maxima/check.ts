import { storageBytes } from '../../contract/storage-type.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { columnMaxima } from './index.ts';
import { columnMaximaReference } from './reference.ts';

export const check: KernelCheck = {
  kernel: columnMaxima,
  reference: columnMaximaReference,
  cost: ({ axes, dtypes }) => {
    const { rows, k } = axes as { rows: number; k: number };
    return { bytes: rows * k * storageBytes(dtypes.x) + 8 * k, flops: 2 * rows * k };
  },
  cases: [
    { axes: { rows: 1, k: 1 } },
    { axes: { rows: 7, k: 5 } },
    { axes: { rows: 3, k: 8 } },
    { axes: { rows: 33, k: 63 } },
    { axes: { rows: 16, k: 256 } },
    { axes: { rows: 5, k: 260 } },
    { axes: { rows: 17, k: 197 } },
    { name: 'large values', axes: { rows: 9, k: 36 }, scale: { x: 1e4 } },
    { axes: { rows: 17, k: 36 }, views: { x: rowView({ stride: 39, offset: 5 }) } },
  ],
  workloads: [
    { name: 'calibration', model: 'shakespeare-1m', size: 'small', axes: { rows: 128, k: 128 } },
    { name: 'calibration', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 512, k: 2048 } },
  ],
  // A choice among numbers rounds nothing.
  floor: () => 0,
};
