import { isBoth } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { foldsPairs } from './folds.ts';

/** ONNX `And` (opset 7) of booleans: u32, 0 or 1. */
export const and: Operator = /* @__PURE__ */ defineMap({
  name: 'And',
  // C = A and B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  takes: ['u32'],
  wgsl: () => 'return u32((a != 0u) & (b != 0u));',
  fold: /* @__PURE__ */ foldsPairs(isBoth),
});
