import type { Expression } from '@tilewright/kernels';
import { columnsOf, evaluateElementwise, multiply } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { gateUp } from './gate-up.ts';
import { linearInput } from './linear-input.ts';

export const gateUpMeaning: OperatorMeaning = {
  operator: gateUp,
  meaning: (context) => {
    const [rows, k] = context.shape('weight') as [number, number];
    const both = multiply(linearInput(context), context.value('weight'), k);
    const gate = columnsOf(both, rows, 0, rows / 2);
    const up = columnsOf(both, rows, rows / 2, rows);
    const activation = [String(context.attributes.activation), 'gate'] as unknown as Expression;
    return {
      y: evaluateElementwise(['mul', activation, 'up'], gate.length, {
        gate,
        up,
      }),
    };
  },
};
