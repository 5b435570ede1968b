import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { integers } from './element-types.ts';

/** ONNX `BitwiseNot` (opset 18) of i32 and u32. */
export const bitwiseNot: Operator = /* @__PURE__ */ defineMap({
  name: 'BitwiseNot',
  // Y = ~X, bit by bit
  inputs: ['X'],
  output: 'Y',
  takes: integers,
  wgsl: () => 'return ~a;',
});
