import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Cosh` (opset 22) of f32 and f16. */
export const cosh: Operator = /* @__PURE__ */ defineMap({
  name: 'Cosh',
  // output = cosh(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `let half = exp(0.5 * abs(a));
  return 0.5 * half * half + 0.5 / half / half;`,
});
