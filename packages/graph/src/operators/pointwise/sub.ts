import { differenceOfTwo } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { withFold } from './with-fold.ts';

/** ONNX `Sub` (opset 14). */
export const sub: Operator = /* @__PURE__ */ definePointwise({
  name: 'Sub',
  // C = A - B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => ['sub', 'A', 'B'],
});

/** The same of integers, too: i32 and u32, and sizes that are known while a graph is built. */
export const subWithFold: Operator = /* @__PURE__ */ withFold(sub, differenceOfTwo, '-');
