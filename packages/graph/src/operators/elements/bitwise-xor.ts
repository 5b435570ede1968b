import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { integers } from './element-types.ts';

/** ONNX `BitwiseXor` (opset 18) of i32 and u32. */
export const bitwiseXor: Operator = /* @__PURE__ */ defineMap({
  name: 'BitwiseXor',
  // C = A ^ B, bit by bit, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  takes: integers,
  wgsl: () => 'return a ^ b;',
});
