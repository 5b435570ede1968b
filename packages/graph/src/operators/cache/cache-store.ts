import { times } from '@tilewright/kernels';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { sameSize } from '../shapes.ts';
import { storeRowsRequest } from '../store-rows-request.ts';
import { cacheStoreStep, isWide } from './cache-store-step.ts';

/**
 * present = past with the update written at its places.
 *
 * Writes token `t` of `update [1, tokens, heads · size]` to row `places[t]` of a section `[rows, heads, capacity, size]` of a cache,
 * which counts through the rows; with one row beyond its end on from the start. Part of what `AppendCache` becomes.
 */
export const cacheStore: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CacheStore',
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'update', kind: 'required' },
    { name: 'places', kind: 'required' },
  ],
  inPlace: { present: 'past' },
  absorption: {
    direction: 'epilogue',
    through: ['update'],
    // Products hand in quads, which must not straddle heads.
    sees: (node, values) => (isWide(node, values) ? 'quad' : 'row'),
    stores: true,
    step: (node, _place, context) => cacheStoreStep(node, context),
  },
  infer: (context) => {
    const { past, update } = context.inputs;
    const [, heads, , size] = past!.shape;
    sameSize(context, 'the width of the update', update!.shape.at(-1), times(heads!, size!));
    return { present: past! };
  },
  lower: (node, context) =>
    storeRowsRequest(context, { x: node.inputs.update! }, cacheStoreStep(node, context), {
      singly: !isWide(node, context.values),
    }),
});
