import { moduloOfTwo, remainderOfTwo } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { numbers } from './element-types.ts';
import { foldsPairs } from './folds.ts';

/**
 * ONNX `Mod` (opset 13): the remainder with the sign of the divisor, or with `fmod` that of the dividend. Floats always take
 * that of the dividend, which ONNX wants `fmod` for.
 */
export const mod: Operator = /* @__PURE__ */ defineMap({
  name: 'Mod',
  // C = the remainder of A / B, broadcast
  inputs: ['A', 'B'],
  output: 'C',
  attributes: { fmod: { type: 'integer', default: 0, choices: [0, 1] } },
  takes: numbers,
  wgsl: (type, { fmod }) =>
    type === 'i32' && fmod === 0
      ? 'let r = a % b; return select(r, r + b, (r != 0) & ((r < 0) != (b < 0)));'
      : 'return a % b;',
  fold: (context, known) =>
    foldsPairs(context.attributes.fmod === 1 ? remainderOfTwo : moduloOfTwo)(context, known),
});
