import type { Operator } from '../../ir.ts';
import { defineVariadic } from './define-variadic.ts';

/** ONNX `Sum` (opset 13) of f32 and f16. */
export const sum: Operator = /* @__PURE__ */ defineVariadic({
  name: 'Sum',
  // sum = the sum of its inputs, element by element
  output: 'sum',
  join: (a, b) => ['add', a, b],
});
