import { productOfTwo } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { withFold } from './with-fold.ts';

/** ONNX `Mul` (opset 14). */
export const mul: Operator = /* @__PURE__ */ definePointwise({
  name: 'Mul',
  // C = A · B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['mul', 'A', 'B'],
});

/** The same of integers, too: i32 and u32, and sizes that are known while a graph is built. */
export const mulWithFold: Operator = /* @__PURE__ */ withFold(mul, productOfTwo, '*');
