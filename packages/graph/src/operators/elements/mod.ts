import { moduloOfTwo, remainderOfTwo } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { numbers } from './element-types.ts';
import { foldsPairs } from './folds.ts';

/**
 * Exact, by long division of whole numbers: WGSL's own is a - b * trunc(a / b), which loses what is left of a large quotient. NaN where
 * `a` is infinite, `b` is 0, or either is NaN; a finite `a` stays where `b` is infinite.
 */
const remainderOfFloats = `let x = bitcast<u32>(a) & 0x7fffffffu;
  let y = bitcast<u32>(b) & 0x7fffffffu;
  let exponent = max(x >> 23u, 1u);
  let least = max(y >> 23u, 1u);
  let divisor = (y & 0x7fffffu) | select(0u, 0x800000u, y >= 0x800000u);
  var left = (x & 0x7fffffu) | select(0u, 0x800000u, x >= 0x800000u);
  for (var i = 0u; i < 254u; i++) {
    if (i + least >= exponent) { break; }
    left = 2u * select(left, left - divisor, left >= divisor);
  }
  left = select(left, left - divisor, left >= divisor);
  // Its leading bit where those of normal numbers stand, or as near as the exponent allows.
  let shift = min(countLeadingZeros(left) - 8u, least - 1u);
  let number = left << shift;
  let result = select((number & 0x7fffffu) | ((least - shift) << 23u), number, number < 0x800000u);
  let bits = select(result, x, x < y) | (bitcast<u32>(a) & 0x80000000u);
  return bitcast<f32>(select(bits, 0x7fc00000u, (x >= 0x7f800000u) | (y > 0x7f800000u) | (y == 0u)));`;

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
    type === 'f32'
      ? remainderOfFloats
      : type === 'i32' && fmod === 0
        ? 'let r = a % b; return select(r, r + b, (r != 0) & ((r < 0) != (b < 0)));'
        : 'return a % b;',
  fold: (context, known) =>
    foldsPairs(context.attributes.fmod === 1 ? remainderOfTwo : moduloOfTwo)(context, known),
});
