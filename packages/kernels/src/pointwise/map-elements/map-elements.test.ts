import { openTestDevice } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkPlans } from '../../contract/check-plans.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { mapElements, mapFilling } from './index.ts';

testKernel(check);

const filling = (columns: number, known?: readonly number[]) =>
  mapFilling({
    id: 'negative',
    operands: { x: { type: 'i32', ...(known && { known }) } },
    result: 'i32',
    wgsl: 'return -x;',
    columns,
  });

test('a filling made for other columns is refused', () => {
  expect(() =>
    checkProblem(mapElements, {
      axes: { rows: 1, columns: 6 },
      dtypes: { y: 'i32' },
      slots: { compute: filling(8) },
    }),
  ).toThrowError(
    "[map-elements] the filling of 'compute' takes 4 columns at a time and there are 6; " +
      'the filling must be made for the same columns. Fix: call mapFilling with columns: 6.',
  );
});

test('what a function gives is what is stored', async () => {
  const { capabilities, dispose } = await openTestDevice();
  const problem = mapElements.problem({ axes: { rows: 1, columns: 6 }, slots: { compute: filling(6) } });
  expect(() => checkPlans(mapElements, problem, capabilities)).toThrowError(
    "'y' is f32 and the filling of 'compute' gives i32",
  );
  dispose();
});

test('known numbers are of the type of their operand', () => {
  expect(() => filling(3, [1, 2, 2.5])).toThrowError(
    "[map-elements] the operand 'x' holds 2.5; what is known of it must be finite i32. Fix: give it as a tensor.",
  );
});
