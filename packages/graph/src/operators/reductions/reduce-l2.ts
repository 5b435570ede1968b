import type { Operator } from '../../ir.ts';
import { sqrt } from '../pointwise/sqrt.ts';
import { defineReduction } from './define-reduction.ts';

/** ONNX `ReduceL2` (opset 18) of f32, along the axes named; of all where none are. */
export const reduceL2: Operator = /* @__PURE__ */ defineReduction({
  name: 'ReduceL2',
  // reduced = the length of data along some axes
  operation: 'sum-of-squares',
  again: 'sum',
  after: { operator: sqrt, output: 'Y' },
});
