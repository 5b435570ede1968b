import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { withIntegers } from './with-fold.ts';

/** ONNX `Abs` (opset 13). */
export const abs: Operator = /* @__PURE__ */ definePointwise({
  name: 'Abs',
  // Y = |X|
  inputs: ['X'],
  output: 'Y',
  expression: () => ['abs', 'X'],
});

/** The same of integers, too. */
export const absWithIntegers: Operator = /* @__PURE__ */ withIntegers(abs, {
  output: 'Y',
  wgsl: () => 'return abs(a);',
});
