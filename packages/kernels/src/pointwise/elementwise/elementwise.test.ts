import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { elementwise, elementwiseFilling } from './index.ts';

testKernel(check);

test('a filling made for other columns is refused', () => {
  const compute = elementwiseFilling({ expression: ['neg', 'x'], columns: 8 });
  expect(() => elementwise.problem({ axes: { rows: 1, columns: 6 }, slots: { compute } })).toThrowError(
    "[elementwise] the filling of 'compute' takes 4 columns at a time and there are 6; " +
      'the filling must be made for the same columns. Fix: call elementwiseFilling with columns: 6.',
  );
});

test('an operand the formula does not use is refused', () => {
  expect(() =>
    elementwiseFilling({ expression: ['neg', 'x'], columns: 8, operands: { bias: 'column' } }),
  ).toThrowError(
    "[elementwise] the operand 'bias' is described; the formula uses x. Fix: remove or rename it.",
  );
});

test('a broadcast operand cannot be replaced', () => {
  const input = { expression: ['neg', 'x'], columns: 8, operands: { x: 'row' }, inPlace: 'x' } as const;
  expect(() => elementwiseFilling(input)).toThrowError(
    "[elementwise] 'x' is to be replaced and is broadcast; the result has the shape [rows, columns]. " +
      'Fix: replace a full operand.',
  );
});
