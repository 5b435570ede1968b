import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `IsNaN` (opset 20) of f32 and f16. */
export const isNaN: Operator = /* @__PURE__ */ defineMap({
  name: 'IsNaN',
  // Y = 1 where X is NaN, else 0
  inputs: ['X'],
  output: 'Y',
  takes: floats,
  gives: 'u32',
  wgsl: () => 'return u32((bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u);',
});
