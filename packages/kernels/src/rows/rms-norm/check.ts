import type { KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { rmsNorm } from './index.ts';
import { rmsNormReference } from './reference.ts';

export const check: KernelCheck = {
  kernel: rmsNorm,
  reference: rmsNormReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 4 * axes.rows! * axes.hidden! }),
  cases: [
    { axes: { rows: 1, hidden: 1 } },
    { axes: { rows: 3, hidden: 7 } },
    { axes: { rows: 2, hidden: 128 } },
    { axes: { rows: 5, hidden: 1021 } },
    { axes: { rows: 1, hidden: 1024 } },
    { axes: { rows: 2, hidden: 1028 } },
    { axes: { rows: 70_001, hidden: 4 } },
    { axes: { rows: 3, hidden: 132 }, options: { gain: false } },
    { name: 'beyond registers', axes: { rows: 2, hidden: 16_400 } },
    { name: 'large values', axes: { rows: 4, hidden: 257 }, scale: { x: 1e4 } },
    {
      name: 'tiny values, eps matters',
      axes: { rows: 4, hidden: 64 },
      scale: { x: 1e-4 },
      scalars: { eps: 1e-6 },
    },
    {
      axes: { rows: 5, hidden: 1028 },
      views: { x: rowView({ stride: 1032, offset: 8 }), y: rowView({ stride: 1030, offset: 2 }) },
    },
    {
      axes: { rows: 4, hidden: 7 },
      views: { x: rowView({ stride: 11, offset: 3 }), y: rowView({ stride: 7, offset: 1 }) },
    },
    {
      axes: { rows: 3, hidden: 64 },
      views: {
        x: rowView({ stride: 129, offset: { multipleOf: 1 } }),
        y: rowView({ stride: { multipleOf: 4 }, offset: 0 }),
      },
      uniforms: { x_offset: 5, y_stride: 68 },
    },
  ],
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', axes: { rows: 1, hidden: 128 } },
    { name: 'prefill', model: 'shakespeare-1m', size: 'small', axes: { rows: 128, hidden: 128 } },
    { name: 'decode', model: 'Llama-3.2-1B', size: 'small', axes: { rows: 1, hidden: 2048 } },
    { name: 'prefill 512', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 512, hidden: 2048 } },
    { name: 'prefill 2048', model: 'Llama-3.1-8B', size: 'large', axes: { rows: 2048, hidden: 4096 } },
  ],
  // inverseSqrt is good to 2 ULP; the sum order differs from the oracle's by less than its own rounding.
  floor: () => 4 * 2 ** -23,
};
