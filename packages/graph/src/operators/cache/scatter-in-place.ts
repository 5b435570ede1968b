import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { scatterAttributes, scatterInputs, scatterRequest, scatterTypes } from './scatter.ts';

/** ONNX `TensorScatter` where the cache is a state, which takes the rows in place. */
export const scatterInPlace: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ScatterInPlace',
  summary: 'present_cache = past_cache, the update written into it at its indices',
  inputs: scatterInputs,
  attributes: scatterAttributes,
  inPlace: { present_cache: 'past_cache' },
  infer: (context) => scatterTypes(context),
  lower: (node, context) => scatterRequest(node, context, true),
});
