import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { rotaryEmbedding } from './index.ts';

testKernel(check);

const axes = { batch: 2, tokens: 3, heads: 1, head_size: 8, half: 4, table_rows: 6 };

test('more pairs than a head has', () => {
  expect(() => rotaryEmbedding.problem({ axes: { ...axes, half: 5 } })).toThrow(
    '[rotary-embedding] half is 5 for heads of 8; 2 · half channels of a head turn. ' +
      'Fix: give axes.half at most head_size / 2.',
  );
});

test('tables without positions that do not have a row for each token', () => {
  expect(() =>
    rotaryEmbedding.problem({ axes: { ...axes, table_rows: 5 }, options: { positions: false } }),
  ).toThrow(
    '[rotary-embedding] the tables have 5 rows for 2 · 3 tokens; ' +
      'without positions each token has a row of its own. Fix: give axes.table_rows 6.',
  );
});

test('an order that does not fit the sizes', () => {
  expect(() => rotaryEmbedding.problem({ axes, options: { order: 'b s h s:2 d' } })).toThrow(
    "[rotary-embedding] option 'order' is 'b s h s:2 d': s of size 3 has inner digits of 2; digits divide their axis. " +
      'Fix: change order or the size.',
  );
});
