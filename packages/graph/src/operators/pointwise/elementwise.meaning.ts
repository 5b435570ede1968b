import type { Expression } from '@tilewright/kernels';
import { evaluateElementwise } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { elementwise } from './elementwise.ts';

export const elementwiseMeaning: OperatorMeaning = {
  operator: elementwise,
  meaning: ({ node, attributes, value }) => {
    const operands = Object.fromEntries(Object.keys(node.inputs).map((name) => [name, value(name)]));
    const length = Math.max(...Object.values(operands).map((operand) => operand.length));
    return {
      y: evaluateElementwise(attributes.expression as Expression, length, operands),
    };
  },
};
