import { isGreater } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineComparison } from './comparison.ts';

/** ONNX `Greater` (opset 13) of f32, f16, i32 and u32. */
export const greater: Operator = /* @__PURE__ */ defineComparison({
  name: 'Greater',
  // C = 1 where A > B, broadcast, else 0
  symbol: '>',
  fold: isGreater,
});
