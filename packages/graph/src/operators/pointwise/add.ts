import { sumOfTwo } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { definePointwise, definePointwiseOfRows } from './define-pointwise.ts';
import { withFold } from './with-fold.ts';

/** ONNX `Add` (opset 14). */
export const add: Operator = /* @__PURE__ */ definePointwise({
  name: 'Add',
  // C = A + B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['add', 'A', 'B'],
});

/** The same of rows that a product makes, with a bias or a residual. */
export const addToRows: Operator = /* @__PURE__ */ definePointwiseOfRows({
  name: 'Add',
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['add', 'A', 'B'],
});

/** The same of integers, too: i32 and u32, and sizes that are known while a graph is built. */
export const addWithFold: Operator = /* @__PURE__ */ withFold(add, sumOfTwo, '+');
