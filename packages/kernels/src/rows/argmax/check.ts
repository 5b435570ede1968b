import type { DrawInputs, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { argmax } from './index.ts';
import { argmaxReference } from './reference.ts';

/** Several times the same largest value, in a row of large negative ones, and a row of nothing but equals. */
const equals: DrawInputs = ({ axes }, random) => {
  const { rows, columns, inner = 1 } = axes as { rows: number; columns: number; inner?: number };
  const values = Float32Array.from({ length: rows * columns * inner }, () => (random() < 0.01 ? -3 : -3e38));
  return { x: values.fill(-3e38, 0, columns) };
};

export const check: KernelCheck = {
  kernel: argmax,
  reference: argmaxReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: axes.rows! * axes.columns! * (axes.inner ?? 1) }),
  cases: [
    { axes: { rows: 1, columns: 1 } },
    { axes: { rows: 5, columns: 7 } },
    { axes: { rows: 4, columns: 127 } },
    { axes: { rows: 3, columns: 1028 } },
    { axes: { rows: 70_001, columns: 4 } },
    { name: 'equals', axes: { rows: 9, columns: 515 }, inputs: equals },
    { name: 'equals', axes: { rows: 9, columns: 2052 }, inputs: equals },
    { name: 'two splits', axes: { rows: 2, columns: 16_388 } },
    { name: 'equals in splits of odd length', axes: { rows: 2, columns: 33_013 }, inputs: equals },
    { axes: { rows: 5, columns: 260 }, views: { x: rowView({ stride: 263, offset: 2 }) } },
    {
      axes: { rows: 2, columns: 16_388 },
      views: { x: rowView({ stride: { multipleOf: 2 }, offset: { multipleOf: 4 } }) },
      uniforms: { x_stride: 16_390, x_offset: 4 },
    },
    { axes: { rows: 3, columns: 5, inner: 7 }, options: { along: 'middle' } },
    { axes: { rows: 1, columns: 129, inner: 130 }, options: { along: 'middle' }, dtypes: { x: 'f16' } },
    {
      name: 'equals',
      axes: { rows: 2, columns: 300, inner: 3 },
      options: { along: 'middle', ties: 'last' },
      inputs: equals,
    },
    { name: 'equals', axes: { rows: 67, columns: 33 }, options: { ties: 'last' }, inputs: equals },
  ],
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', axes: { rows: 1, columns: 1024 } },
    { name: 'decode', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 1, columns: 128_256 } },
    { name: 'prefill 128', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 128, columns: 128_256 } },
  ],
  floor: () => 0,
  exact: ['ids'],
};
