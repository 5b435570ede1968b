import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { napBetweenPolls } from './nap.ts';

const naps: number[] = [];
let now = 0;

beforeEach(() => {
  naps.length = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(Atomics, 'wait').mockImplementation(
    (_cell: unknown, _at: unknown, _value: unknown, ms?: number) => {
      naps.push(ms!);
      return 'timed-out';
    },
  );
  napBetweenPolls();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Polls as Dawn does, by a native function that asks for its next turn, at each of these milliseconds. */
function wait(milliseconds: readonly number[]): Promise<void> {
  return new Promise((resolve) => {
    let index = 0;
    function poll(): void {
      if (index === milliseconds.length) return resolve();
      now = milliseconds[index++]!;
      // The text of a bound function is that of a native one.
      setImmediate(poll.bind(undefined));
    }
    poll();
  });
}

test('a wait naps a part of its length, at most half a millisecond, and none while it is short', async () => {
  await wait([100, 101, 102, 104, 108, 200]);
  expect(naps).toEqual([4 / 32, 8 / 32, 0.5]);
});

test('every wait begins anew', async () => {
  await wait([0, 1, 90]);
  await wait([100, 101, 102]);
  expect(naps).toEqual([0.5]);
});

test('what scripts ask for is not delayed, keeps its arguments and can be cleared', async () => {
  const seen: unknown[] = [];
  clearImmediate(setImmediate(() => seen.push('cleared')));
  await new Promise<void>((resolve) => {
    setImmediate(
      (...values: unknown[]) => {
        seen.push(...values);
        resolve();
      },
      1,
      'b',
    );
  });
  expect(seen).toEqual([1, 'b']);
  expect(await new Promise((resolve) => setImmediate(resolve, 'c'))).toBe('c');
  expect(naps).toEqual([]);
});
