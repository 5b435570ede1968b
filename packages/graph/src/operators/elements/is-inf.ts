import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `IsInf` (opset 20) of f32 and f16: which infinities it finds, `detect_positive` and `detect_negative` say. */
export const isInf: Operator = /* @__PURE__ */ defineMap({
  name: 'IsInf',
  // Y = 1 where X is infinite, else 0
  inputs: ['X'],
  output: 'Y',
  attributes: {
    detect_negative: { type: 'integer', default: 1, choices: [0, 1] },
    detect_positive: { type: 'integer', default: 1, choices: [0, 1] },
  },
  takes: floats,
  gives: 'u32',
  wgsl: (_, { detect_negative: negative, detect_positive: positive }) =>
    `let bits = bitcast<u32>(a);
  return u32((bits == 0x7f800000u) & ${positive === 1}) | u32((bits == 0xff800000u) & ${negative === 1});`,
});
