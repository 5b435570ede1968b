import { isEqual } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineComparison } from './comparison.ts';

/** ONNX `Equal` (opset 19) of f32, f16, i32 and u32, booleans among them. */
export const equal: Operator = /* @__PURE__ */ defineComparison({
  name: 'Equal',
  // C = 1 where A = B, broadcast, else 0
  symbol: '==',
  fold: isEqual,
});
