import type { Expression } from '@tilewright/kernels';
import { evaluateElementwise, multiply } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { linear } from './linear.ts';
import { linearInput } from './linear-input.ts';

export const linearMeaning: OperatorMeaning = {
  operator: linear,
  meaning: (context) => {
    const { node, attributes, value, shape } = context;
    const acc = multiply(linearInput(context), value('weight'), shape('weight')[1]!);
    if (attributes.epilogue === null) return { y: acc };
    const { x: _x, weight: _weight, gain: _gain, ...others } = node.inputs;
    const operands = Object.fromEntries(Object.keys(others).map((name) => [name, value(name)]));
    return {
      y: evaluateElementwise(attributes.epilogue as Expression, acc.length, {
        acc,
        ...operands,
      }),
    };
  },
};
