import type { Operator } from '../../ir.ts';
import { floats } from '../shapes.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Round` (opset 22) of f32 and f16; halves go to the even neighbour. */
export const round: Operator = /* @__PURE__ */ defineMap({
  name: 'Round',
  // Y = round(X)
  inputs: ['X'],
  output: 'Y',
  takes: floats,
  wgsl: () => 'return round(a);',
});
