import type { DrawInputs, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { topK } from './index.ts';
import { topKReference } from './reference.ts';

/** The first row is nothing but equals, zeros of both signs; others have a few values. */
const equals: DrawInputs = ({ axes }, random) => {
  const { rows, columns } = axes as { rows: number; columns: number };
  const draw = (_: unknown, i: number): number =>
    i < columns ? (random() < 0.5 ? 0 : -0) : Math.floor(5 * random()) - 2;
  return { x: Float32Array.from({ length: rows * columns }, draw) };
};

export const check: KernelCheck = {
  kernel: topK,
  reference: topKReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: axes.rows! * axes.columns! }),
  cases: [
    { axes: { rows: 1, columns: 1, k: 1 } },
    { axes: { rows: 3, columns: 7, k: 7 } },
    { axes: { rows: 5, columns: 127, k: 3 } },
    { axes: { rows: 2, columns: 1021, k: 64 } },
    { axes: { rows: 2, columns: 2500, k: 50 } },
    { name: 'equals', axes: { rows: 3, columns: 500, k: 41 }, inputs: equals },
    { name: 'equals', axes: { rows: 2, columns: 5000, k: 64 }, inputs: equals },
    { name: 'large values', axes: { rows: 2, columns: 300, k: 8 }, scale: { x: 1e30 }, dtypes: { x: 'f32' } },
    { axes: { rows: 3, columns: 200, k: 150 } },
    { axes: { rows: 3, columns: 257, k: 65 } },
    { axes: { rows: 2, columns: 5003, k: 1000 } },
    { name: 'equals', axes: { rows: 2, columns: 3001, k: 700 }, inputs: equals },
    { name: 'two parts', axes: { rows: 2, columns: 8192, k: 5 } },
    { name: 'equals in parts of odd length', axes: { rows: 1, columns: 16_411, k: 64 }, inputs: equals },
    { axes: { rows: 3, columns: 257, k: 9 }, views: { x: rowView({ stride: 261, offset: 3 }) } },
    { axes: { rows: 2, columns: 1028, k: 100 }, views: { x: rowView({ stride: 1030, offset: 2 }) } },
  ],
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', axes: { rows: 1, columns: 1024, k: 50 } },
    { name: 'decode', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 1, columns: 128_256, k: 50 } },
    { name: 'experts', model: 'Qwen3-30B-A3B', size: 'large', axes: { rows: 512, columns: 128, k: 8 } },
  ],
  floor: () => 0,
  exact: ['values', 'ids'],
};
