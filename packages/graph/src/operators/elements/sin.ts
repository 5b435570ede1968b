import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';
import { finiteOnly, quarterTurns } from './trigonometry.ts';

/** ONNX `Sin` (opset 22) of f32 and f16, in radians; NaN where the input is infinite. */
export const sin: Operator = /* @__PURE__ */ defineMap({
  name: 'Sin',
  // output = sin(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `${quarterTurns}
  let value = select(sine, cosine, (quarter & 1) == 1);
  return ${finiteOnly('select(value, -value, (quarter & 2) == 2)')};`,
});
