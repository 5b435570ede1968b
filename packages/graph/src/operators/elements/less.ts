import { isLess } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineComparison } from './comparison.ts';

/** ONNX `Less` (opset 13) of f32, f16, i32 and u32. */
export const less: Operator = /* @__PURE__ */ defineComparison({
  name: 'Less',
  // C = 1 where A < B, broadcast, else 0
  symbol: '<',
  fold: isLess,
});
