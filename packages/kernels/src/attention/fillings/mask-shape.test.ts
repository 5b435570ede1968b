import { expect, test } from 'vitest';
import { maskShapeOf } from './mask-shape.ts';

test('dimensions that are no list', () => {
  expect(() => maskShapeOf(3 as never, { batch: 1, heads: 1, queries: 1, keys: 1 })).toThrow(
    '[attention mask] dimensions is 3; it must be a list, of which each is a finite number. Fix: give a list, of which each is ' +
      'a finite number.',
  );
});
