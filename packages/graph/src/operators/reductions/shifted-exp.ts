import { derivedOperator } from '../derived-operator.ts';
import { definePointwise } from '../pointwise/define-pointwise.ts';
import type { Operator } from '../../ir.ts';

/** What a sum of exponentials adds up: relative to the largest, unless that is infinite. Of `ReduceLogSumExp`. */
export const shiftedExp: Operator = /* @__PURE__ */ derivedOperator(
  /* @__PURE__ */ definePointwise({
    name: 'ShiftedExp',
    // Y = exp(X − M), or exp(X) where M is infinite
    inputs: ['X', 'M'],
    output: 'Y',
    expression: () => ['exp', ['sub', 'X', ['select', ['less', ['abs', 'M'], 3.4e38], 'M', 0]]],
  }),
  { domain: 'tilewright', name: 'ShiftedExp' },
);
