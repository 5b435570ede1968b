import { expect, test } from 'vitest';
import { findOperator } from './find-operator.ts';
import { add } from './pointwise/add.ts';
import { softmax } from './normalization/softmax.ts';

const operators = [add, softmax];

test('an operator is found by domain and name', () => {
  expect(findOperator(operators, '', 'Softmax')).toBe(softmax);
});

test('what is not there is refused, with the nearest name', () => {
  expect(() => findOperator(operators, '', 'SoftMin')).toThrow(
    '[SoftMin] there is no operator of this name in the domain of ONNX; the operators handed over are Add, Softmax. ' +
      "Fix: write 'Softmax', or hand its operator over too.",
  );
  expect(() => findOperator(operators, 'tilewright', 'Convolve')).toThrow(
    "[Convolve] there is no operator of this name in the domain 'tilewright'; the operators handed over are none. " +
      'Fix: hand its operator over too.',
  );
});
