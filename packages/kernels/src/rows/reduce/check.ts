import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { reduce } from './index.ts';
import { reduceReference } from './reference.ts';

const shape = (outer: number, length: number, inner: number, operation: string): CheckCase => ({
  axes: { outer, length, inner },
  options: { operation },
});

const integers = (
  outer: number,
  length: number,
  inner: number,
  operation: string,
  type: 'i32' | 'u32',
): CheckCase => ({
  ...shape(outer, length, inner, operation),
  dtypes: { x: type, y: type },
  inputs: (_, random) => {
    const numbers = Array.from({ length: outer * length * inner }, () => Math.floor(200 * random()));
    return { x: type === 'u32' ? Uint32Array.from(numbers) : Int32Array.from(numbers, (each) => each - 100) };
  },
  floor: 0,
});

export const check: KernelCheck = {
  kernel: reduce,
  dtypes: ['f32', { x: 'f16', y: 'f32' }],
  reference: reduceReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: axes.outer! * axes.length! * axes.inner! }),
  cases: [
    shape(1, 1, 1, 'sum'),
    shape(3, 7, 1, 'mean'),
    shape(5, 1021, 1, 'max'),
    shape(2, 1028, 1, 'min'),
    shape(2, 516, 1, 'sum-of-squares'),
    shape(70_001, 4, 1, 'sum'),
    shape(1, 7, 3, 'sum'),
    shape(2, 1, 132, 'max'),
    shape(3, 37, 131, 'sum-of-squares'),
    shape(1, 129, 260, 'mean'),
    shape(2, 5, 66, 'min'),
    { ...shape(3, 19, 1, 'product') },
    { ...shape(2, 7, 12, 'product') },
    integers(3, 133, 1, 'sum', 'i32'),
    integers(2, 17, 8, 'min', 'i32'),
    integers(5, 9, 1, 'max', 'u32'),
    integers(2, 3, 5, 'product', 'i32'),
    { name: 'large values', ...shape(2, 33, 68, 'sum'), scale: { x: 1e4 } },
    { ...shape(5, 36, 1, 'sum'), views: { x: rowView({ stride: 41, offset: 3 }) } },
    {
      ...shape(3, 5, 68, 'mean'),
      views: { x: rowView({ stride: 344, offset: { multipleOf: 4 } }) },
      uniforms: { x_offset: 8 },
    },
  ],
  workloads: [
    { name: 'column norms', model: 'shakespeare-1m', size: 'small', ...shape(1, 128, 128, 'sum-of-squares') },
    { name: 'mean pooling', model: 'BERT-base', size: 'large', ...shape(32, 512, 768, 'mean') },
    { name: 'row sums', model: 'Llama-3.2-1B', size: 'large', ...shape(2048, 2048, 1, 'sum') },
  ],
  // A column is summed in order where the oracle sums by halves; the error of n random terms grows like √n.
  floor: ({ axes }) => Math.sqrt(axes.length!) * 2 ** -23,
};
