import { layerNorm } from '@tilewright/kernels/layer-norm';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { add } from '../pointwise/add.ts';
import { mul } from '../pointwise/mul.ts';
import { normAttributes, normRequest, normTypes, spreadGains } from './norm.ts';

/** ONNX `LayerNormalization` (opset 17); without `Scale` the gain is one. */
export const layerNormalization: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'LayerNormalization',
  // Y = (X - mean) / sqrt(variance + epsilon) · Scale + B, over the axes from `axis` on
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'Scale', kind: 'optional' },
    { name: 'B', kind: 'optional' },
  ],
  attributes: normAttributes,
  infer: (context) => {
    const { x, statistics } = normTypes(context, ['Scale', 'B']);
    return { Y: x, Mean: statistics, InvStdDev: statistics };
  },
  lower: (node, context) => normRequest(node, context, layerNorm, { gain: 'Scale', bias: 'B' }),
  expand: (node, context) =>
    spreadGains(node, context, [
      { role: 'Scale', operator: mul },
      { role: 'B', operator: add },
    ]),
});
