import type { Layout } from '@tilewright/kernels';
import { layoutBytes, packDense, unpack } from '@tilewright/kernels/layouts';
import { expect, test } from 'vitest';
import { packWeights } from '../oracle/pack-weights.ts';
import { selectRows } from './select-rows.ts';

const int4 = { kind: 'integer', bits: 4, group: 32, zeroPoint: true } as const;
const layouts: readonly Layout[] = [
  { kind: 'dense', dtype: 'f16' },
  { kind: 'integer', bits: 3, group: 32, zeroPoint: false },
  int4,
  { kind: 'n:m', n: 2, m: 4, values: int4 },
];

test.each(layouts)('rows of $kind are those of the whole, bit for bit', (layout) => {
  const [rows, columns] = [9, 40];
  const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i));
  const whole = packWeights(new Map([['w', packDense(values, [rows, columns], 'f32')]]), () => layout).get(
    'w',
  )!;
  const part = selectRows(whole, [
    [1, 3],
    [7, 9],
  ]);
  expect(part.shape).toEqual([4, columns]);
  expect(part.bytes.byteLength).toBe(layoutBytes(layout, [4, columns]));
  const decoded = unpack(whole);
  const want = [1, 2, 7, 8].flatMap((row) => [...decoded.subarray(row * columns, (row + 1) * columns)]);
  expect([...unpack(part)]).toEqual(want);
});
