import type { Operator } from '../../ir.ts';
import { defineVariadic } from './define-variadic.ts';

/** ONNX `Max` (opset 13) of f32 and f16. */
export const max: Operator = /* @__PURE__ */ defineVariadic({
  name: 'Max',
  // max = the largest of its inputs, element by element
  output: 'max',
  join: (a, b) => ['max', a, b],
});
