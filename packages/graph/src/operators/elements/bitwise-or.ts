import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { integers } from './element-types.ts';

/** ONNX `BitwiseOr` (opset 18) of i32 and u32. */
export const bitwiseOr: Operator = /* @__PURE__ */ defineMap({
  name: 'BitwiseOr',
  // C = A | B, bit by bit, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  takes: integers,
  wgsl: () => 'return a | b;',
});
