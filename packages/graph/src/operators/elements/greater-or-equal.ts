import { isAtLeast } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineComparison } from './comparison.ts';

/** ONNX `GreaterOrEqual` (opset 16) of f32, f16, i32 and u32. */
export const greaterOrEqual: Operator = /* @__PURE__ */ defineComparison({
  name: 'GreaterOrEqual',
  // C = 1 where A ≥ B, broadcast, else 0
  symbol: '>=',
  fold: isAtLeast,
});
