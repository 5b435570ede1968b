import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { cacheWrite } from './index.ts';

testKernel(check);

const axes = { batch: 1, outer: 1, tokens: 5, capacity: 4, inner: 8 };

test.each<[string, Parameters<typeof cacheWrite.problem>[0], string]>([
  [
    'an update longer than the cache',
    { axes },
    '[cache-write] an update of 5 rows is written into a cache of 4; no row may be written twice. ' +
      'Fix: write fewer rows at a time, or give the cache more.',
  ],
  [
    'rows of tokens in a ring',
    { axes: { ...axes, pair: 2 }, options: { places: 'tokens', in_place: true, circular: true } },
    "[cache-write] option 'places' is 'tokens', with in_place true and circular true; rows that tokens name lie in a cache " +
      'that is written in place, and nothing goes on behind them. Fix: give in_place true and circular false, and the rows ' +
      'of a ring modulo its capacity.',
  ],
  [
    'positions without rows',
    { axes: { ...axes, pair: 1 }, options: { places: 'tokens', in_place: true } },
    '[cache-write] pair is 1; positions holds pairs of a position and a row. Fix: give it a last axis of 2.',
  ],
])('%s is refused', (_, problem, message) => {
  expect(() => checkProblem(cacheWrite, problem)).toThrowError(message);
});
