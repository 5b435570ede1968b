import type { Operator } from '../../ir.ts';
import { defineVariadic } from './define-variadic.ts';

/** ONNX `Mean` (opset 13) of f32 and f16. */
export const mean: Operator = /* @__PURE__ */ defineVariadic({
  name: 'Mean',
  // mean = the mean of its inputs, element by element
  output: 'mean',
  join: (a, b) => ['add', a, b],
  finish: (all, count) => ['div', all, count],
});
