import { rmsNorm } from '@tilewright/kernels/rms-norm';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { mul } from '../pointwise/mul.ts';
import { normAttributes, normRequest, normTypes, spreadGains } from './norm.ts';

/** ONNX `RMSNormalization` (opset 23); without `scale` the gain is one. */
export const rmsNormalization: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'RMSNormalization',
  summary: 'Y = X / sqrt(mean(X²) + epsilon) · scale, over the axes from `axis` on',
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'scale', kind: 'optional' },
  ],
  columnScale: ['scale'],
  attributes: normAttributes,
  infer: (context) => ({ Y: normTypes(context, ['scale']).x }),
  lower: (node, context) => normRequest(node, context, rmsNorm, { gain: 'scale' }),
  expand: (node, context) => spreadGains(node, context, [{ role: 'scale', operator: mul }]),
});
