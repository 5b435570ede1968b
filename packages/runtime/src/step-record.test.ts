// What a step evaluates: the same numbers as the trees say, and nothing that did not change.
import { ceilDiv, evaluate, type Extent, extent, plus, times } from '@tilewright/kernels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStepRecord } from './step-record.ts';

const missing = (name: string): Error => new Error(`no ${name}`);

test('cells are what their extents evaluate to, step after step', () => {
  const { tree } = fc.letrec<{ tree: Extent }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.integer({ min: -9, max: 9 }),
      fc.constantFrom<Extent>('tokens', 'keys', 'rows'),
      fc.tuple(
        fc.constantFrom('+' as const, '-' as const, '*' as const, 'min' as const, 'max' as const),
        tie('tree'),
        tie('tree'),
      ),
      fc.tuple(
        fc.constantFrom('ceil/' as const, 'floor/' as const),
        tie('tree'),
        fc.integer({ min: 1, max: 9 }),
      ),
    ),
  }));
  const step = fc.record({ tokens: fc.integer({ min: 0, max: 3 }), keys: fc.integer({ min: 0, max: 3 }) });
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1 }), fc.array(step, { minLength: 1 }), (trees, steps) => {
      const record = createStepRecord();
      const sizes = { rows: times('tokens', 2) };
      const cells = trees.map((each) => record.cellOf(each, sizes));
      let before: readonly number[] | undefined;
      for (const values of steps) {
        const any = record.update(values, missing);
        const want = trees.map((each) => evaluate(each, { ...values, rows: 2 * values.tokens }));
        expect(cells.map(record.valueOf)).toEqual(want);
        // What is new is told.
        want.forEach((value, i) => {
          if (!any) expect(value).toBe(before![i]);
          else if (value !== before?.[i]) expect(record.changed(cells[i]!)).toBe(true);
        });
        before = want;
      }
    }),
  );
});

test('only what depends on changed values counts as changed', () => {
  const record = createStepRecord();
  const rows = record.cellOf('rows', { rows: 'tokens' });
  const blocks = record.cellOf(ceilDiv('tokens', 4));
  const keys = record.cellOf(plus('keys', 1));
  const fixed = record.cellOf(7);
  expect(record.names).toEqual(['tokens', 'keys']);
  expect(record.cellOf('tokens')).toBe(rows);
  const changes = (): readonly boolean[] => [rows, blocks, keys, fixed].map(record.changed);

  expect(record.update({ tokens: 5, keys: 9 }, missing)).toBe(true);
  expect(changes()).toEqual([true, true, true, true]);
  expect(record.update({ tokens: 5, keys: 9 }, missing)).toBe(false);
  expect(changes()).toEqual([false, false, false, false]);
  // Six tokens take as many blocks as five.
  expect(record.update({ tokens: 6, keys: 9 }, missing)).toBe(true);
  expect(changes()).toEqual([true, false, false, false]);
  record.forget();
  expect(record.update({ tokens: 6, keys: 9 }, missing)).toBe(true);
  expect(changes()).toEqual([true, true, true, true]);
});

test('a step without a value leaves nothing half done', () => {
  const record = createStepRecord();
  const cell = record.cellOf(extent('max', 'tokens', 'keys'));
  record.update({ tokens: 1, keys: 2 }, missing);
  expect(() => record.update({ tokens: 8 }, missing)).toThrow(new Error('no keys'));
  expect(record.update({ tokens: 8, keys: 2 }, missing)).toBe(true);
  expect(record.valueOf(cell)).toBe(8);
});
