import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';

/** ONNX `BitShift` (opset 11) of u32; by 32 or more bits nothing is left. */
export const bitShift: Operator = /* @__PURE__ */ defineMap({
  name: 'BitShift',
  // Z = X shifted by Y bits, broadcast
  inputs: ['X', 'Y'],
  output: 'Z',
  attributes: { direction: { type: 'string', choices: ['LEFT', 'RIGHT'] } },
  takes: ['u32'],
  wgsl: (_, { direction }) =>
    `return select(0u, a ${direction === 'LEFT' ? '<<' : '>>'} (b & 31u), b < 32u);`,
});
