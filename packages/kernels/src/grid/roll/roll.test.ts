import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { roll } from './index.ts';

testKernel(check);

test('a shift of fewer axes, and a grid of another size, are refused', () => {
  const axes = { batch: 1, tokens: 12, channels: 1 };
  expect(() => checkProblem(roll, { axes, options: { grid: '3x4', shift: '1' } })).toThrowError(
    "[roll] option 'shift' is '1', and the grid '3x4'; it gives a whole number of steps for each axis, backwards below 0, such " +
      "as '-3 -3'. Fix: give shift 2 numbers.",
  );
  expect(() =>
    checkProblem(roll, { axes, options: { grid: '3x4', shift: '1 99999999999999999999' } }),
  ).toThrowError(
    "[roll] option 'shift' is '1 99999999999999999999', and the grid '3x4'; it gives a whole number of steps for each axis, " +
      "backwards below 0, such as '-3 -3'. Fix: give shift 2 numbers.",
  );
  expect(() => checkProblem(roll, { axes, options: { grid: '3x5', shift: '1 1' } })).toThrowError(
    '[roll] a grid of 3 x 5 has 15 places, and there are 12 tokens; every token has a place of its own. Fix: correct the ' +
      "option 'grid', or the tensor.",
  );
});
