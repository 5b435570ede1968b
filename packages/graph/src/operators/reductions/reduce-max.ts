import type { Operator } from '../../ir.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceMax` (opset 20) of f32, i32 and u32, along the axes named; of all where none are. */
export const reduceMax: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceMax',
  // reduced = the largest of data along some axes
  operation: 'max',
  takes: ['f32', 'i32', 'u32'],
});
