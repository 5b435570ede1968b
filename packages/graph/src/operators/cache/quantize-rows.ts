import { times } from '@tilewright/kernels';
import { quantizedPlane } from '@tilewright/kernels/cache';
import { cacheQuantize } from '@tilewright/kernels/cache-quantize';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { planeOf, quantizedAttributes } from './quantized-attributes.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { sameShape, sameSize, badNode, elementType } from '../shapes.ts';
import { printShape } from '../../extent/index.ts';

/**
 * present = past with the update as integers behind `before` rows.
 *
 * Writes `update [1, tokens, heads · size]` to the rows from `before`, u32 `[1]`, on of a section of integers, u32 `[1, heads, words]`.
 */
export const quantizeRows: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'QuantizeRows',
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'update', kind: 'required' },
    { name: 'before', kind: 'required' },
  ],
  attributes: quantizedAttributes,
  inPlace: { present: 'past' },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    const { past, update, before } = inputs as Record<'past' | 'update' | 'before', (typeof inputs)[string]>;
    elementType(subject, 'past', past, ['u32']);
    const size = Number(update.shape.at(-1)) / Number(past.shape[1]);
    const wanted = [1, past.shape[1]!, quantizedPlane(planeOf(attributes, size)).planeWords];
    if (!sameShape(context, past.shape, wanted))
      throw badNode(
        subject,
        `'past' has shape ${printShape(past.shape)}`,
        `it must be ${printShape(wanted)}`,
      );
    sameSize(context, "the number of rows of 'before'", before.shape[0], 1);
    return { present: past };
  },
  lower: (node, context) => {
    const { past, update, before } = node.inputs as Record<'past' | 'update' | 'before', string>;
    const heads = staticSize(context, past, 1);
    const size = staticSize(context, update, -1) / heads;
    const { bits, channels, capacity } = node.attributes;
    const tokens = rowsOf(context, update);
    const bindings = { x: update, starts: before, cache: node.outputs.present! };
    return {
      kernels: [cacheQuantize],
      problem: {
        axes: {
          batch: 1,
          kv_heads: heads,
          tokens: context.planned(tokens),
          size,
          capacity,
          plane: staticSize(context, past, 2),
        },
        dtypes: dtypesOf(context, bindings),
        options: { bits, group_channels: channels, x_strides: 'bshd' },
      },
      bindings,
      sizes: { batch: 1, tokens },
      addressedBytes: { cache: times(tokens, heads * ((size * bits) / 8 + 8)) },
      flops: times(tokens, 5 * heads * size),
    };
  },
});
