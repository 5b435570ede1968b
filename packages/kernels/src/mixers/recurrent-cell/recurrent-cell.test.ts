import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { baselineCapabilities } from '../../contract/capabilities.ts';
import { check } from './check.ts';
import { gruCell } from './gru.ts';
import { recurrentCell } from './index.ts';
import { lstmCell } from './lstm.ts';

testKernel(check);

const axes = { batch: 1, tokens: 3, directions: 1, gates: 4, hidden: 8 };
const cell = lstmCell({ bias: false, peepholes: false, couples: false });

test.each([
  [
    {
      axes: { ...axes, gates: 3 },
      slots: { cell },
      options: { memory: 'none' },
    },
    "[recurrent-cell] gates is 3; the cell 'lstm sigmoid(x) tanh(x) tanh(x)' has 4. Fix: give 4 gates.",
  ],
  [
    {
      axes: { ...axes, directions: 3 },
      slots: { cell },
      options: { memory: 'none' },
    },
    '[recurrent-cell] directions is 3; there are one or two. Fix: give 1 or 2.',
  ],
  [
    {
      axes: { ...axes, directions: 2 },
      slots: { cell },
      options: { memory: 'none', reverse: true },
    },
    '[recurrent-cell] both directions are reversed; of two, the second one is, and the first is not. Fix: leave reverse out.',
  ],
  [
    { axes, slots: { cell } },
    "[recurrent-cell] the option memory is 'off'; the cell 'lstm sigmoid(x) tanh(x) tanh(x)' keeps one. " +
      "Fix: give 'none', 'initial', 'final', 'both' or 'in place'.",
  ],
  [
    {
      axes: { ...axes, gates: 3 },
      slots: { cell: gruCell({ bias: false, resetAfter: true }) },
      options: { memory: 'none' },
    },
    "[recurrent-cell] the option memory is 'none'; the cell 'gru sigmoid(x) tanh(x) after' does not keep one. Fix: give 'off'.",
  ],
])('%j is refused', (problem, message) => {
  expect(() => recurrentCell.problem(problem)).toThrow(message);
});

test('what does not fit a workgroup takes a dispatch for each token', () => {
  const plansOf = (hidden: number) =>
    recurrentCell
      .plans(
        recurrentCell.problem({
          axes: { ...axes, hidden },
          slots: { cell },
          options: { memory: 'none' },
        }),
        baselineCapabilities,
      )
      .map(({ variant }) => variant);
  expect(plansOf(680)).toContain('persistent');
  expect(plansOf(684)).toEqual(['steps']);
});
