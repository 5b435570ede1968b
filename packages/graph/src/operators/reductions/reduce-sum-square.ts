import type { Operator } from '../../ir.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceSumSquare` (opset 18) of f32, along the axes named; of all where none are. */
export const reduceSumSquare: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceSumSquare',
  // reduced = the sum of squares of data along some axes
  operation: 'sum-of-squares',
  again: 'sum',
});
