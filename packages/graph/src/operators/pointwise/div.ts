import { quotientOfTwo } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { withFold } from './with-fold.ts';

/** ONNX `Div` (opset 14). */
export const div: Operator = /* @__PURE__ */ definePointwise({
  name: 'Div',
  // C = A / B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['div', 'A', 'B'],
});

/** The same of integers, too: i32 and u32, and sizes that are known while a graph is built. */
export const divWithFold: Operator = /* @__PURE__ */ withFold(div, quotientOfTwo, '/');
