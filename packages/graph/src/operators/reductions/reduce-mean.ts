import type { Operator } from '../../ir.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceMean` (opset 18) of f32, along the axes named; of all where none are. */
export const reduceMean: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceMean',
  // reduced = the mean of data along some axes
  operation: 'mean',
});
