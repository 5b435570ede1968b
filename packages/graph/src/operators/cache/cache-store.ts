import { type Filling, times } from '@tilewright/kernels';
import { storeRows } from '@tilewright/kernels/store-rows';
import type { Operator, RegionStep } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { sameSize } from '../shapes.ts';
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
  lower: (node, context) => {
    const { update } = node.inputs as Record<'update', string>;
    const rows = rowsOf(context, update);
    const step = cacheStoreStep(node, context);
    const entries = Object.entries(step.bindings);
    const bindings = {
      x: update,
      ...Object.fromEntries(entries.map(([name, { value }]) => [`epilogue.${name}`, value])),
    };
    return {
      kernels: [storeRows],
      problem: {
        axes: { batch: 1, m: context.planned(rows), n: staticSize(context, update, -1) },
        dtypes: dtypesOf(context, bindings),
        options: { singly: !isWide(node, context.values) },
        slots: { epilogue: stepFilling(step) },
      },
      bindings,
      sizes: { batch: 1, m: rows },
      addressedBytes: Object.fromEntries(
        entries.flatMap(([name, { addressedBytes }]) =>
          addressedBytes === undefined ? [] : [[`epilogue.${name}`, addressedBytes]],
        ),
      ),
      flops: 0,
    };
  },
});

/** A store by itself. */
const stepFilling = ({ id, bindings, wgsl }: RegionStep): Filling => ({
  id,
  bindings: Object.fromEntries(
    Object.entries(bindings).map(([name, { value: _value, addressedBytes: _bytes, ...binding }]) => [
      name,
      binding,
    ]),
  ),
  omits: ['y'],
  wgsl: (slot) => wgsl(slot, (name) => `${slot}_${name}`),
  reference: undefined,
});
