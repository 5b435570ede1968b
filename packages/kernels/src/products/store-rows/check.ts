import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import type { Filling } from '../../contract/filling.ts';
import type { EpilogueReference } from '../fillings/slots.ts';
import { storeRows } from './index.ts';
import { storeRowsReference } from './reference.ts';

/** The rows in the order that `places` says, by single elements. */
const scattered = (n: number): Filling<EpilogueReference> => ({
  id: `scattered ${n}`,
  bindings: {
    places: { shape: ['batch', 'm'], dtype: 'u32' },
    rows: { shape: ['batch', 'm', n], dtype: 'float', role: 'output' },
  },
  omits: ['y'],
  wgsl: (slot) => `fn ${slot}(row: u32, column: u32, v: unit) {
  ${slot}_rows_store(${slot}_places_load(row) * ${n}u + column, v);
}`,
  reference: ({ y, rows, inputs }) => {
    const stored = new Float64Array(y.length);
    for (let row = 0; row < rows; row++)
      stored.set(y.subarray(row * n, (row + 1) * n), inputs.places![row]! * n);
    return { 'epilogue.rows': stored };
  },
});

const places: NonNullable<CheckCase['inputs']> = ({ axes }) => ({
  'epilogue.places': Uint32Array.from(
    { length: axes.batch! * axes.m! },
    (_, i, count = axes.batch! * axes.m!) => count - 1 - i,
  ),
});

export const check: KernelCheck = {
  kernel: storeRows,
  reference: storeRowsReference,
  cost: (_, bytes) => ({ bytes, flops: 0 }),
  cases: [
    { axes: { batch: 1, m: 1, n: 1 } },
    { axes: { batch: 2, m: 3, n: 7 } },
    { axes: { batch: 1, m: 67, n: 12 } },
    { axes: { batch: 1, m: 5, n: 8 }, options: { singly: true } },
    { axes: { batch: 1, m: 5, n: 12 }, views: { x: rowView({ stride: 18, offset: 2 }) } },
    { axes: { batch: 1, m: 5, n: 7 }, views: { y: rowView({ stride: 9, offset: 1 }) } },
    { name: 'large values', axes: { batch: 1, m: 3, n: 6 }, scale: { x: 1e4 } },
    { name: 'scattered', axes: { batch: 3, m: 5, n: 9 }, slots: { epilogue: scattered(9) }, inputs: places },
    {
      name: 'scattered singly',
      axes: { batch: 1, m: 11, n: 8 },
      options: { singly: true },
      slots: { epilogue: scattered(8) },
      inputs: places,
    },
  ],
  workloads: [
    { name: 'values of a step', model: 'shakespeare-1m', size: 'small', axes: { batch: 1, m: 1, n: 128 } },
    { name: 'values of 512', model: 'Llama-3.2-1B', size: 'large', axes: { batch: 1, m: 512, n: 512 } },
  ],
  floor: () => 0,
};
