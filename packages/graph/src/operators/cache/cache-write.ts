import { times } from '@tilewright/kernels';
import { cacheWrite as cacheWriteKernel } from '@tilewright/kernels/cache-write';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, elementBytes, rowsOf } from '../requests.ts';
import { rank, sameRows, sameSize } from '../shapes.ts';
import { cacheWriteStep } from './cache-write-step.ts';

/**
 * Writes each row of `update [..., kvHeads · headSize]` to a row of the cache `[batch, kvHeads, capacity, headSize]`, that which the
 * second of its `positions [..., 2]` says: those of all sequences are counted one after the other.
 */
export const cacheWrite: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CacheWrite',
  // present = past with the update written at its positions
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'update', kind: 'required' },
    { name: 'positions', kind: 'required' },
  ],
  inPlace: { present: 'past' },
  absorption: {
    direction: 'epilogue',
    through: ['update'],
    sees: () => 'quad',
    stores: true,
    step: (node, _place, context) => cacheWriteStep(node, context),
  },
  infer: (context) => {
    const { subject, inputs, extents } = context;
    const past = inputs.past!;
    rank(subject, 'past', past, 4);
    const width = productOf(extents, past.shape[1]!, past.shape[3]!);
    sameSize(context, 'the width of the update', inputs.update!.shape.at(-1), width);
    sameRows(context, 'positions', inputs.positions!, inputs.update!.shape.slice(0, -1));
    return { present: past };
  },
  lower: (node, context) => {
    const { shape } = context.values[node.inputs.past!]!;
    const [kvHeads, capacity, headSize] = shape.slice(1) as [number, number, number];
    const tokens = rowsOf(context, node.inputs.update!);
    const bindings = {
      update: node.inputs.update!,
      positions: node.inputs.positions!,
      cache: node.outputs.present!,
    };
    return {
      kernels: [cacheWriteKernel],
      problem: {
        axes: {
          batch: 1,
          tokens: context.planned(tokens),
          outer: kvHeads,
          capacity,
          inner: headSize,
          pair: 2,
        },
        dtypes: dtypesOf(context, bindings),
        options: { places: 'tokens', in_place: true },
      },
      bindings,
      sizes: { batch: 1, tokens },
      addressedBytes: {
        cache: times(tokens, kvHeads * headSize * elementBytes(context, node.inputs.past!)),
      },
      flops: 0,
    };
  },
});
