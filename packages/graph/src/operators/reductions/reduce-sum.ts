import type { Operator } from '../../ir.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceSum` (opset 13) of f32, i32 and u32, along the axes named; of all where none are. */
export const reduceSum: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceSum',
  // reduced = the sum of data along some axes
  operation: 'sum',
  takes: ['f32', 'i32', 'u32'],
});
