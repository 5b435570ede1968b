import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Xor` (opset 7) of booleans: u32, 0 or 1. */
export const xor: Operator = /* @__PURE__ */ defineMap({
  name: 'Xor',
  // C = A or B, not both, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  takes: ['u32'],
  wgsl: () => 'return u32((a != 0u) != (b != 0u));',
});
