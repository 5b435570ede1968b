import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';
import { finiteOnly, quarterTurns } from './trigonometry.ts';

/** ONNX `Cos` (opset 22) of f32 and f16, in radians; NaN where the input is infinite. */
export const cos: Operator = /* @__PURE__ */ defineMap({
  name: 'Cos',
  // output = cos(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `${quarterTurns}
  let value = select(cosine, sine, (quarter & 1) == 1);
  return ${finiteOnly('select(value, -value, ((quarter + 1) & 2) == 2)')};`,
});
