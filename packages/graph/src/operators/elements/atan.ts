import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';
import { arcTangent } from './trigonometry.ts';

/** ONNX `Atan` (opset 22) of f32 and f16. */
export const atan: Operator = /* @__PURE__ */ defineMap({
  name: 'Atan',
  // output = atan(input)
  inputs: ['input'],
  output: 'output',
  takes: floats,
  wgsl: () => `${arcTangent('arc', 'a')}
  return arc;`,
});
