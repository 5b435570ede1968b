import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Asinh` (opset 22) of f32 and f16. */
export const asinh: Operator = /* @__PURE__ */ defineMap({
  name: 'Asinh',
  // output = asinh(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `let s = a * a;
  let small = a * (1.0 - s * (0.16666667 - s * (0.075 - s * (0.04464286 - s * 0.03038194))));
  let size = abs(a);
  let large = select(log(size + sqrt(s + 1.0)), log(size) + 0.6931471805599453, size > 1e9);
  return select(sign(a) * large, small, size < 0.3);`,
});
