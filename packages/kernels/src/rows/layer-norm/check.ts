import type { KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { layerNorm } from './index.ts';
import { layerNormReference } from './reference.ts';

export const check: KernelCheck = {
  kernel: layerNorm,
  reference: layerNormReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 7 * axes.rows! * axes.hidden! }),
  cases: [
    { axes: { rows: 1, hidden: 1 } },
    { axes: { rows: 3, hidden: 7 }, options: { statistics: true } },
    { axes: { rows: 2, hidden: 128 }, options: { bias: false } },
    { axes: { rows: 5, hidden: 1021 } },
    { axes: { rows: 2, hidden: 1028 }, options: { gain: false, bias: false, statistics: true } },
    { axes: { rows: 70_001, hidden: 4 } },
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
    { name: 'decode', model: 'GPT-2', size: 'small', axes: { rows: 1, hidden: 768 } },
    { name: 'prefill 128', model: 'BERT-base', size: 'large', axes: { rows: 128, hidden: 768 } },
    { name: 'prefill 1024', model: 'GPT-2 XL', size: 'large', axes: { rows: 1024, hidden: 1600 } },
  ],
  // inverseSqrt and the divisions by the length are good to 2 and 2.5 ULP.
  floor: () => 8 * 2 ** -23,
};
