import type { Operator } from '../../ir.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceMin` (opset 20) of f32, i32 and u32, along the axes named; of all where none are. */
export const reduceMin: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceMin',
  // reduced = the smallest of data along some axes
  operation: 'min',
  takes: ['f32', 'i32', 'u32'],
});
