// What the fillings that read caches refuse.
import { expect, test } from 'vitest';
import { pagedLoadK, quantizedLoadV, ringCapacity, ringLoadV } from '../../fillings.ts';

test('sizes that no cache has', () => {
  expect(() => pagedLoadK({ pages: 3, pageSize: 0, tableSize: 2, size: 8 })).toThrow(
    '[paged load_k] pageSize is 0; a cache has a positive integer of each. Fix: give the pageSize that the cache was made with.',
  );
  expect(() => ringLoadV({ capacity: 1.5, size: 8 })).toThrow(
    '[ring load_v] capacity is 1.5; a cache has a positive integer of each. Fix: give the capacity that the cache was made with.',
  );
  expect(() => quantizedLoadV({ capacity: 4, size: -8, bits: 8 })).toThrow(
    '[quantized load_v] size is -8; a cache has a positive integer of each. Fix: give the size that the cache was made with.',
  );
});

test('rows of a ring: a window and a chunk', () => {
  expect(ringCapacity({ windowLeft: 9 })).toBe(10);
  expect(ringCapacity({ windowLeft: 0, chunk: 5 })).toBe(5);
  expect(() => ringCapacity({ windowLeft: -1, chunk: 4 })).toThrow(
    '[ringCapacity] a window of -1 keys and chunks of 4 queries; a ring holds what a bounded window sees, for one query or ' +
      'more. Fix: give a window of 0 or more keys and a chunk of 1 or more, or keep all keys.',
  );
});
