import { storeEpilogue } from '@tilewright/kernels/fillings';
import { expect, test } from 'vitest';
import { columnRange } from './column-range.ts';

const columns = 10;

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
