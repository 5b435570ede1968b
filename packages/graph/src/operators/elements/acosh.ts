import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Acosh` (opset 22) of f32 and f16; NaN below 1. */
export const acosh: Operator = /* @__PURE__ */ defineMap({
  name: 'Acosh',
  // output = acosh(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `let large = select(log(a + sqrt((a - 1.0) * (a + 1.0))), log(a) + 0.6931471805599453, a > 1e9);
  return bitcast<f32>(select(0x7fc00000u, bitcast<u32>(large), a >= 1.0));`,
});
