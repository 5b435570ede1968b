// What the fillings that read caches refuse.
import { expect, test } from 'vitest';
import { pagedLoadK, quantizedLoadV, ringCapacity, ringLoadV } from '../../fillings.ts';

test('sizes that no cache has', () => {
  expect(() => pagedLoadK({ pages: 3, pageSize: 0, tableSize: 2, size: 8 })).toThrow(
    '[pagedLoadK] pageSize is 0; it must be a positive integer. Fix: give a positive integer.',
  );
  expect(() => ringLoadV({ capacity: 1.5, size: 8 })).toThrow(
    '[ringLoadV] capacity is 1.5; it must be a positive integer. Fix: give a positive integer.',
  );
  expect(() => quantizedLoadV({ capacity: 4, size: -8, bits: 8 })).toThrow(
    '[quantized cache] size is -8; it must be a positive integer. Fix: give a positive integer.',
  );
});

test('rows of a ring: a window and a chunk', () => {
  expect(ringCapacity({ windowLeft: 9 })).toBe(10);
  expect(ringCapacity({ windowLeft: 0, chunk: 5 })).toBe(5);
  expect(() => ringCapacity({ windowLeft: -1, chunk: 4 })).toThrow(
    '[ringCapacity] windowLeft is -1; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  );
});
