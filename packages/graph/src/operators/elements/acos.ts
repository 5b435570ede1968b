import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';
import { arcTangent, inUnit } from './trigonometry.ts';

/** ONNX `Acos` (opset 22) of f32 and f16; NaN beyond ±1. */
export const acos: Operator = /* @__PURE__ */ defineMap({
  name: 'Acos',
  // output = acos(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `let ratio = a / (1.0 + sqrt((1.0 - a) * (1.0 + a)));
  ${arcTangent('arc', 'ratio')}
  return ${inUnit('1.5707963267948966 - 2.0 * arc')};`,
});
