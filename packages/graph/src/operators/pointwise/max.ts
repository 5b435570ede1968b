import type { Operator } from '../../ir.ts';
import { defineVariadic } from './define-variadic.ts';
import { maximumOfTwo } from '../../extent/pairwise.ts';
import { variadicIntegers } from './variadic-integers.ts';
import { withIntegers } from './with-fold.ts';

/** ONNX `Max` (opset 13) of f32 and f16. */
export const max: Operator = /* @__PURE__ */ defineVariadic({
  name: 'Max',
  // max = the largest of its inputs, element by element
  output: 'max',
  join: (a, b) => ['max', a, b],
});

/** The same of integers, too: i32 and u32, and sizes that are known while a graph is built. */
export const maxWithIntegers: Operator = /* @__PURE__ */ withIntegers(
  max,
  /* @__PURE__ */ variadicIntegers('max', maximumOfTwo),
);
