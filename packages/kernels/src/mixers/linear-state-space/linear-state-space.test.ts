import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { linearStateSpace } from './index.ts';

testKernel(check);

test('outputs that are not the states are refused where nothing reads those', () => {
  const axes = { batch: 1, tokens: 4, states: 8, inputs: 1, outputs: 4 };
  expect(() => linearStateSpace.problem({ axes, options: { read: false } })).toThrow(
    '[linear-state-space] outputs is 4 with 8 states; states that nothing reads are the outputs. Fix: give 8 outputs, or read the states.',
  );
});
