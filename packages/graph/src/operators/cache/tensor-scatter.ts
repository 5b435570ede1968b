import { isOf } from '../../graph-index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { scatterAttributes, scatterInputs, scatterRequest, scatterTypes } from './scatter.ts';
import { scatterInPlace } from './scatter-in-place.ts';

/**
 * ONNX `TensorScatter` (opset 24): the update written along `axis` at each batch row's `write_indices` (u32, default 0), in
 * `circular` mode on from the start again. Rows beyond the cache are left out. A cache that is a state, or what became of
 * one, is written in place.
 */
export const tensorScatter: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'TensorScatter',
  summary: 'present_cache = past_cache with the update written at its indices',
  inputs: scatterInputs,
  attributes: scatterAttributes,
  infer: (context) => scatterTypes(context),
  lower: (node, context) => scatterRequest(node, context, false),
  expand: (node, { states, producer }) => {
    const past = node.inputs.past_cache!;
    if (!states.has(past) && !isOf(producer.get(past), scatterInPlace)) return undefined;
    const { axis, mode } = node.attributes;
    return [{ ...node, operator: scatterInPlace, attributes: { axis, mode } }];
  },
});
