import type { Operator } from '../../ir.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceProd` (opset 18) of f32, i32 and u32, along the axes named; of all where none are. */
export const reduceProd: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceProd',
  // reduced = the product of data along some axes
  operation: 'product',
  takes: ['f32', 'i32', 'u32'],
});
