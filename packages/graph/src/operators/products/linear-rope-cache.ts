import { times } from '@tilewright/kernels';
import { ropeCacheEpilogue } from '@tilewright/kernels/fillings';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, elementBytes, staticSize } from '../requests.ts';
import { linearRequest, linearType, productKernels } from './linear-request.ts';

/**
 * Merged query, key and value projections with rotary embedding, keys and values written to their caches. The rows of
 * queries and keys are permuted so that rotary pairs are neighbours; scores do not change.
 */
export const linearRopeCache: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'LinearRopeCache',
  summary: 'q, caches = rope(x · [Wq; Wk; Wv]ᵀ), keys and values scattered at their positions',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'weight', kind: 'required' },
    { name: 'table', kind: 'required' },
    { name: 'positions', kind: 'required' },
    { name: 'pastKey', kind: 'required' },
    { name: 'pastValue', kind: 'required' },
    { name: 'gain', kind: 'optional' },
  ],
  attributes: {
    heads: { type: 'integer' },
    kvHeads: { type: 'integer' },
    headSize: { type: 'integer' },
    rotary: { type: 'integer' },
    normEpsilon: { type: 'number', default: null },
  },
  inPlace: { presentKey: 'pastKey', presentValue: 'pastValue' },
  infer: (context) => {
    const { inputs, attributes } = context;
    const y = linearType(context);
    return {
      q: {
        dtype: y.dtype,
        shape: [y.shape[0]!, attributes.heads * attributes.headSize],
      },
      presentKey: inputs.pastKey!,
      presentValue: inputs.pastValue!,
    };
  },
  lower: (node, context) => {
    const { heads, kvHeads, headSize, rotary } = node.attributes;
    const capacity = staticSize(context, node.outputs.presentKey!, 1);
    const tokens = dimensionOf(context, node.inputs.x!, 0);
    const columns = (heads + 2 * kvHeads) * headSize;
    const epilogue = ropeCacheEpilogue({
      heads,
      kvHeads,
      headSize,
      rotary,
      capacity,
      positions: staticSize(context, node.inputs.table!, 0),
    });
    const request = linearRequest(node, context, productKernels(node, context), {
      columns,
      bindings: {
        'epilogue.cos_sin': node.inputs.table!,
        'epilogue.positions': node.inputs.positions!,
        'epilogue.q': node.outputs.q!,
        'epilogue.k': node.outputs.presentKey!,
        'epilogue.v': node.outputs.presentValue!,
      },
      slots: { epilogue },
    });
    const cacheRow = kvHeads * headSize * elementBytes(context, node.outputs.presentKey!);
    const [endQ, endK] = [heads * headSize, (heads + kvHeads) * headSize];
    return {
      ...request,
      columnsOf: {
        'epilogue.q': [0, endQ],
        'epilogue.k': [endQ, endK],
        'epilogue.v': [endK, columns],
      },
      addressedBytes: {
        'epilogue.cos_sin': times(tokens, rotary * 4),
        'epilogue.k': times(tokens, cacheRow),
        'epilogue.v': times(tokens, cacheRow),
      },
    };
  },
});
