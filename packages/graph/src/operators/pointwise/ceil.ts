import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Ceil` (opset 13). */
export const ceil: Operator = /* @__PURE__ */ definePointwise({
  name: 'Ceil',
  // Y = ⌈X⌉
  inputs: ['X'],
  output: 'Y',
  expression: () => ['neg', ['floor', ['neg', 'X']]],
});
