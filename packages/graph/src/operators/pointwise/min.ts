import type { Operator } from '../../ir.ts';
import { defineVariadic } from './define-variadic.ts';

/** ONNX `Min` (opset 13) of f32 and f16. */
export const min: Operator = /* @__PURE__ */ defineVariadic({
  name: 'Min',
  // min = the smallest of its inputs, element by element
  output: 'min',
  join: (a, b) => ['min', a, b],
});
