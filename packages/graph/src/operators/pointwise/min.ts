import type { Operator } from '../../ir.ts';
import { defineVariadic } from './define-variadic.ts';
import { minimumOfTwo } from '../../extent/pairwise.ts';
import { variadicIntegers } from './variadic-integers.ts';
import { withIntegers } from './with-fold.ts';

/** ONNX `Min` (opset 13) of f32 and f16. */
export const min: Operator = /* @__PURE__ */ defineVariadic({
  name: 'Min',
  // min = the smallest of its inputs, element by element
  output: 'min',
  join: (a, b) => ['min', a, b],
});

/** The same of integers, too: i32 and u32, and sizes that are known while a graph is built. */
export const minWithIntegers: Operator = /* @__PURE__ */ withIntegers(
  min,
  /* @__PURE__ */ variadicIntegers('min', minimumOfTwo),
);
