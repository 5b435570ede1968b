import { packBlockSparse } from '@tilewright/kernels/block-sparse-matmul';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { expect, test } from 'vitest';
import { type BreakEven, denseAbove } from './dense-above.ts';

/** A matrix of 8 by 8 with so many numbers. */
const numbers = (count: number): Float32Array =>
  Float32Array.from({ length: 64 }, (_, i) => Number(i < count) * (i + 1));
const csr = (count: number, dtype: 'f32' | 'f16' = 'f32') =>
  packBlockSparse(numbers(count), [8, 8], { height: 1, width: 1, dtype });
const measured = (rows: number, density: number, adapter = 'this'): BreakEven => ({
  adapter,
  format: csr(1).format.id,
  rows,
  density,
});

test('weights above the measured density become dense, exactly; others stay', () => {
  const state = new Map([
    ['few', csr(16)],
    ['many', csr(40)],
    ['halves', csr(64, 'f16')],
    ['dense', packDense(numbers(64), [8, 8], 'f32')],
  ]);
  const table = [measured(1, 0.5), measured(512, 0.1), measured(1, 0, 'that')];
  const decode = denseAbove(state, table, { adapter: 'this', rows: 4 });
  expect([...decode].map(([name, { format }]) => [name, format.name])).toEqual([
    ['few', 'csr'],
    ['many', 'f32'],
    ['halves', 'csr-f16'],
    ['dense', 'f32'],
  ]);
  expect(unpackDense(decode.get('many')!)).toEqual(numbers(40));
  expect(denseAbove(state, table, { adapter: 'this', rows: 64 }).get('few')!.format.name).toBe('f32');
  expect([...denseAbove(state, table, { adapter: 'other', rows: 1 }).values()]).toEqual([...state.values()]);
  const halves = { ...measured(1, 0.5), format: csr(1, 'f16').format.id };
  const found = denseAbove(state, [halves], { adapter: 'this', rows: 1 }).get('halves')!;
  expect([found.format.name, found.bytes]).toEqual(['f16', packDense(numbers(64), [8, 8], 'f16').bytes]);
});

test.each([
  [[], 0, 'rows is 0; they are counted from 1'],
  [[measured(1, 2)], 1, 'density is 2; it is a part of all numbers, from 0 to 1'],
  [[measured(0.5, 1)], 1, 'rows is 0.5; they are counted from 1'],
])('refuses %j for %d rows', (table, rows, message) => {
  expect(() => denseAbove(new Map(), table, { adapter: 'this', rows })).toThrow(
    `[denseAbove] ${message}. Fix: give what breakEvens returned, and the rows that steps will have.`,
  );
});
