import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { neg } from '../pointwise/neg.ts';
import { argMax } from './arg-max.ts';

/**
 * reduced = index of the smallest element along an axis.
 *
 * ONNX `ArgMin` (opset 13) of f32 and f16: u32 indices. NaN counts as smaller than minus infinity.
 */
export const argMin: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'ArgMin',
  inputs: [{ name: 'data', kind: 'required' }],
  attributes: {
    axis: { type: 'integer', default: 0 },
    keepdims: { type: 'integer', default: 1, choices: [0, 1] },
    select_last_index: { type: 'integer', default: 0, choices: [0, 1] },
  },
  infer: (context) => argMax.infer(context),
  expand: ({ name, inputs, outputs, attributes }) => [
    {
      name: `${name}.neg`,
      operator: neg,
      inputs: { X: inputs.data! },
      outputs: { Y: `${name}.neg` },
      attributes: {},
    },
    { name, operator: argMax, inputs: { data: `${name}.neg` }, outputs, attributes: { ...attributes } },
  ],
});
