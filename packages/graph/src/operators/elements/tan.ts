import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';
import { finiteOnly, quarterTurns } from './trigonometry.ts';

/** ONNX `Tan` (opset 22) of f32 and f16, in radians; NaN where the input is infinite. */
export const tan: Operator = /* @__PURE__ */ defineMap({
  name: 'Tan',
  // output = tan(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `${quarterTurns}
  return ${finiteOnly('select(sine / cosine, -cosine / sine, (quarter & 1) == 1)')};`,
});
