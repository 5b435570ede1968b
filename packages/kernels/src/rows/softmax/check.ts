import type { KernelCheck } from '../../contract/check.ts';
import { softmax } from './index.ts';
import { softmaxReference } from './reference.ts';

export const check: KernelCheck = {
  kernel: softmax,
  reference: softmaxReference,
  cases: [
    { axes: { rows: 1, columns: 1 } },
    { axes: { rows: 3, columns: 7 } },
    { axes: { rows: 5, columns: 127 }, scalars: { scale: 0.125 } },
    { axes: { rows: 2, columns: 128 }, options: { log: true } },
    { axes: { rows: 3, columns: 1021 }, options: { log: true } },
    { axes: { rows: 2, columns: 1028 } },
    { axes: { rows: 70_001, columns: 4 } },
    { name: 'two splits', axes: { rows: 1, columns: 16_388 } },
    { name: 'splits of odd length', axes: { rows: 2, columns: 32_771 }, options: { log: true } },
    { name: 'large values', axes: { rows: 4, columns: 257 }, scale: { x: 1e4 } },
    { name: 'large values', axes: { rows: 4, columns: 5000 }, scale: { x: 1e4 }, options: { log: true } },
  ],
  workloads: [
    { name: 'scores', model: 'shakespeare-1m', size: 'small', axes: { rows: 4 * 128, columns: 128 } },
    { name: 'scores 512', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 32 * 512, columns: 512 } },
    { name: 'vocabulary', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 1, columns: 128_256 } },
    {
      name: 'vocabulary, log',
      model: 'Llama-3.1-8B',
      size: 'large',
      axes: { rows: 128, columns: 128_256 },
      options: { log: true },
    },
  ],
  // exp of x is good to 3 + 2|x| ULP and the largest powers have |x| below 2; the division is good to 2.5 ULP. A
  // logarithm is good to 3 ULP, beside which the largest output is at least as large.
  floor: () => 12 * 2 ** -23,
};
