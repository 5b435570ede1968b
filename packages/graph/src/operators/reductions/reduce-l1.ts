import type { Operator } from '../../ir.ts';
import { abs } from '../pointwise/abs.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceL1` (opset 18) of f32, along the axes named; of all where none are. */
export const reduceL1: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceL1',
  // reduced = the sum of magnitudes of data along some axes
  operation: 'sum',
  before: { operator: abs, output: 'Y' },
});
