import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `Shrink` (opset 9). */
export const shrink: Operator = /* @__PURE__ */ definePointwise({
  name: 'Shrink',
  // output = input + bias below −lambd, input − bias above lambd, 0 between
  inputs: ['input'],
  output: 'output',
  attributes: {
    lambd: { type: 'number', default: 0.5 },
    bias: { type: 'number', default: 0 },
  },
  expression: ({ lambd, bias }) => [
    'select',
    ['less', 'input', ['neg', lambd]],
    ['add', 'input', bias],
    ['select', ['less', lambd, 'input'], ['sub', 'input', bias], 0],
  ],
});
