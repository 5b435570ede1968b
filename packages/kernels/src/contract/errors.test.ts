import { expect, test } from 'vitest';
import { errorFamily, isTilewrightError, TilewrightError } from './errors.ts';

test('a message has four parts, two of which may be left out', () => {
  const parts = { subject: 'gemv', problem: 'k is 3' };
  expect(new TilewrightError('bad-shape', parts).message).toBe('[gemv] k is 3.');
  expect(
    new TilewrightError('bad-shape', { ...parts, requirement: 'k is even', fix: 'pad the weight' }).message,
  ).toBe('[gemv] k is 3; k is even. Fix: pad the weight.');
});

test('an error is recognised by its brand, and keeps what it was told', () => {
  const cause = new RangeError('inside');
  const error = new TilewrightError('no-adapter', { subject: 'device', problem: 'none' }, { cause });
  expect({ ...error }).toEqual({ name: 'TilewrightError', code: 'no-adapter', subject: 'device' });
  expect(error.cause).toBe(cause);
  expect(isTilewrightError(error)).toBe(true);
  expect([new Error('other'), null, 'text', {}].map(isTilewrightError)).toEqual([false, false, false, false]);
});

test('codes have families', () => {
  expect(errorFamily('out-of-memory')).toBe('unavailable');
  expect(errorFamily('invariant')).toBe('internal');
  expect(errorFamily('bad-file')).toBe('invalid');
  expect(errorFamily('disposed')).toBe('invalid');
});
