import { expressionEpilogue, ropeCacheEpilogue, storeEpilogue } from '@tilewright/kernels/fillings';
import { describe, expect, test } from 'vitest';
import { columnRange } from './column-range.ts';

const [rows, columns] = [3, 10];
const product = Float64Array.from({ length: rows * columns }, (_, i) => Math.cos(i));
const part = (from: number, to: number): Float64Array =>
  Float64Array.from(
    Array.from({ length: rows }, (_, row) => [
      ...product.subarray(row * columns + from, row * columns + to),
    ]).flat(),
  );
const common = { rows, uniforms: {}, round: (value: number) => value };

describe('the meaning of parts one after the other is the meaning of the whole', () => {
  test('where y is stored', () => {
    const residual = product.map((value) => 2 * value);
    const bias = Float64Array.from({ length: columns }, (_, i) => i);
    const whole = expressionEpilogue({
      expression: ['add', ['mul', 'acc', 'residual'], 'bias'],
      operands: { residual: 'full', bias: 'column' },
      columns,
    });
    let y = new Float64Array(rows * columns).fill(7);
    for (const [from, to] of [
      [0, 4],
      [4, 8],
      [8, 10],
    ] as const) {
      const made = columnRange(whole, { from, columns }).reference({
        ...common,
        y: part(from, to),
        columns: to - from,
        inputs: { whole_residual: residual, whole_bias: bias, y },
      });
      y = new Float64Array(made['epilogue.y']!);
      if (to < columns) expect(y[rows * columns - 1]).toBe(7);
    }
    const want = whole.reference({
      ...common,
      y: product,
      columns,
      inputs: { residual, bias },
    });
    expect(y).toEqual(want.y);
  });

  test('where queries, keys and values go to places of their own', () => {
    const [heads, kvHeads, headSize, capacity] = [1, 1, 4, 5];
    const width = (heads + 2 * kvHeads) * headSize;
    const whole = ropeCacheEpilogue({ heads, kvHeads, headSize, capacity });
    const y = Float64Array.from({ length: width }, (_, i) => i + 1);
    const inputs = {
      cos_sin: Float64Array.from({ length: capacity * headSize }, (_, i) => Math.sin(i)),
      positions: Float64Array.of(3, 2),
      q: new Float64Array(4),
      k: new Float64Array(capacity * headSize),
      v: new Float64Array(capacity * headSize),
    };
    const state = { ...inputs };
    for (const [from, to] of [
      [0, 8],
      [8, 12],
    ] as const) {
      const made = columnRange(whole, { from, columns: width }).reference({
        ...common,
        rows: 1,
        y: y.slice(from, to),
        columns: to - from,
        inputs: Object.fromEntries(Object.entries(state).map(([name, data]) => [`whole_${name}`, data])),
      });
      for (const name of ['q', 'k', 'v'] as const)
        state[name] = new Float64Array(made[`epilogue.whole_${name}`]!);
    }
    const want = whole.reference({
      ...common,
      rows: 1,
      y,
      columns: width,
      inputs,
    });
    for (const name of ['q', 'k', 'v'] as const) expect(state[name]).toEqual(want[`epilogue.${name}`]);
  });
});

test('bindings of the whole keep their shapes; what was an output is kept where other parts write', () => {
  const made = columnRange(storeEpilogue, { from: 4, columns });
  expect(made.omits).toEqual(['y']);
  expect(made.bindings).toEqual({
    y: {
      shape: ['batch', 'm', columns],
      dtype: 'float',
      width: 1,
      role: 'in-out',
    },
  });
});
