import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Atanh` (opset 22) of f32 and f16; NaN beyond ±1. */
export const atanh: Operator = /* @__PURE__ */ defineMap({
  name: 'Atanh',
  // output = atanh(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `let s = a * a;
  let small = a * (1.0 + s * (0.33333333 + s * (0.2 + s * (0.14285714 + s * 0.11111111))));
  let large = 0.5 * log((1.0 + a) / (1.0 - a));
  return select(bitcast<f32>(select(0x7fc00000u, bitcast<u32>(large), abs(a) <= 1.0)), small, abs(a) < 0.2);`,
});
