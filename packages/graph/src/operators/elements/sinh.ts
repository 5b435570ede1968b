import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Sinh` (opset 22) of f32 and f16. */
export const sinh: Operator = /* @__PURE__ */ defineMap({
  name: 'Sinh',
  // output = sinh(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `let s = a * a;
  let small = a * (1.0 + s / 6.0 * (1.0 + s / 20.0 * (1.0 + s / 42.0)));
  let half = exp(0.5 * abs(a));
  return select(sign(a) * (0.5 * half * half - 0.5 / half / half), small, abs(a) < 1.0);`,
});
