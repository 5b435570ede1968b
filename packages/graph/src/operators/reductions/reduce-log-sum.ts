import type { Operator } from '../../ir.ts';
import { log } from '../pointwise/log.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceLogSum` (opset 18) of f32, along the axes named; of all where none are. */
export const reduceLogSum: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceLogSum',
  // reduced = the logarithm of the sum of data along some axes
  operation: 'sum',
  after: { operator: log, output: 'Y' },
});
