import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { causalConv } from './index.ts';

testKernel(check);

test('a state of another length is refused', () => {
  expect(() => causalConv.problem({ axes: { batch: 1, tokens: 4, channels: 8, taps: 4, past: 4 } })).toThrow(
    '[causal-conv] past is 4 with 4 taps; there are two taps or more, and the past is one less. Fix: make the state of taps - 1 elements.',
  );
});
