import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `PRelu` (opset 16): `slope` broadcasts to X. */
export const pRelu: Operator = /* @__PURE__ */ definePointwise({
  name: 'PRelu',
  // Y = X, or slope · X below 0
  inputs: ['X', 'slope'],
  output: 'Y',
  expression: () => ['select', ['less', 'X', 0], ['mul', 'slope', 'X'], 'X'],
});
