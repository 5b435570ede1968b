import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Floor` (opset 13). */
export const floor: Operator = /* @__PURE__ */ definePointwise({
  name: 'Floor',
  // Y = ⌊X⌋
  inputs: ['X'],
  output: 'Y',
  expression: () => ['floor', 'X'],
});
