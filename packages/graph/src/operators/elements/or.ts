import { isEither } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { foldsPairs } from './folds.ts';

/** ONNX `Or` (opset 7) of booleans: u32, 0 or 1. */
export const or: Operator = /* @__PURE__ */ defineMap({
  name: 'Or',
  // C = A or B, or both, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  takes: ['u32'],
  wgsl: () => 'return u32((a | b) != 0u);',
  fold: /* @__PURE__ */ foldsPairs(isEither),
});
