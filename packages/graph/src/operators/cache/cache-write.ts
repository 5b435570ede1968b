import { times } from '@tilewright/kernels';
import { cacheWrite as cacheWriteKernel } from '@tilewright/kernels/cache-write';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, elementBytes } from '../requests.ts';
import { rank, sameSize } from '../shapes.ts';
import { cacheWriteStep } from './cache-write-step.ts';

/** Writes row `t` of `update [tokens, kvHeads · headSize]` at `positions[t, 1]` of the cache `[kvHeads, capacity, headSize]`. */
export const cacheWrite: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CacheWrite',
  summary: 'present = past with the update written at its positions',
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
    rank(subject, 'past', past, 3);
    const width = productOf(extents, past.shape[0]!, past.shape[2]!);
    sameSize(context, 'the width of the update', inputs.update!.shape[1], width);
    return { present: past };
  },
  lower: (node, context) => {
    const [kvHeads, capacity, headSize] = context.values[node.inputs.past!]!.shape as [
      number,
      number,
      number,
    ];
    const tokens = dimensionOf(context, node.inputs.update!, 0);
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
