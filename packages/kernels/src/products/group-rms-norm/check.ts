import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { expressionEpilogue } from '../fillings/epilogue.ts';
import { groupRmsNorm } from './index.ts';
import { groupRmsNormReference } from './reference.ts';

const shape = (m: number, groups: number, length: number, batch = 1): CheckCase => ({
  axes: { batch, m, groups, length, columns: groups * length },
});

export const check: KernelCheck = {
  kernel: groupRmsNorm,
  reference: groupRmsNormReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 4 * axes.batch! * axes.m! * axes.columns! }),
  cases: [
    shape(1, 1, 1),
    shape(3, 5, 7),
    shape(2, 3, 128, 2),
    shape(1, 4, 1021),
    shape(7, 2, 260),
    { ...shape(3, 11, 12), options: { gain: false } },
    { name: 'beyond registers', ...shape(1, 2, 16_400) },
    { name: 'large values', ...shape(2, 3, 64), scale: { x: 1e4 } },
    { name: 'tiny values, eps matters', ...shape(2, 3, 64), scale: { x: 1e-4 }, scalars: { eps: 1e-6 } },
    {
      name: 'a bias and a residual behind',
      ...shape(5, 3, 20, 2),
      slots: {
        epilogue: expressionEpilogue({
          expression: ['add', ['mul', 'acc', 'factor'], 'residual'],
          operands: { factor: 'column', residual: 'full' },
          columns: 60,
        }),
      },
    },
    {
      ...shape(5, 3, 8),
      views: { x: rowView({ stride: 28, offset: 4 }), y: rowView({ stride: 26, offset: 2 }) },
    },
    {
      ...shape(4, 2, 7),
      views: { x: rowView({ stride: 15, offset: 1 }), y: rowView({ stride: 17, offset: 3 }) },
    },
  ],
  workloads: [
    {
      name: 'decode, queries',
      model: 'Qwen3-0.6B',
      size: 'small',
      axes: { batch: 1, m: 1, groups: 16, length: 128, columns: 2048 },
    },
    {
      name: 'prefill 512, queries',
      model: 'Qwen3-0.6B',
      size: 'large',
      axes: { batch: 1, m: 512, groups: 16, length: 128, columns: 2048 },
    },
  ],
  // inverseSqrt is good to 2 ULP; the sum order differs from the oracle's by less than its own rounding.
  floor: () => 4 * 2 ** -23,
};
