import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';
import { arcTangent, inUnit } from './trigonometry.ts';

/** ONNX `Asin` (opset 22) of f32 and f16; NaN beyond ±1. */
export const asin: Operator = /* @__PURE__ */ defineMap({
  name: 'Asin',
  // output = asin(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `let ratio = a / (1.0 + sqrt((1.0 - a) * (1.0 + a)));
  ${arcTangent('arc', 'ratio')}
  return ${inUnit('2.0 * arc')};`,
});
