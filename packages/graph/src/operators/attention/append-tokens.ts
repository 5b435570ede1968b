import { concat } from '@tilewright/kernels/concat';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { elementType } from '../shapes.ts';
import { sumOf } from './attention-sizes.ts';
import { headsOf, memoryOrder } from './heads.ts';

/** A cache with new rows behind the old ones: past `[batch, heads, tokens, size]`, update that or packed. */
export const appendTokens: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'AppendTokens',
  // present = past, then the update, along the tokens
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'update', kind: 'required' },
  ],
  attributes: { heads: { type: 'integer', default: 0 } },
  infer: ({ subject, inputs, attributes }) => {
    const past = headsOf(subject, 'past', inputs.past!, attributes.heads);
    const update = headsOf(subject, 'update', inputs.update!, attributes.heads);
    elementType(subject, 'past', inputs.past!, [inputs.update!.dtype]);
    const tokens = sumOf(subject, past.tokens, update.tokens);
    return {
      present: {
        dtype: inputs.past!.dtype,
        shape: [past.batch, past.heads, tokens, past.size],
      },
    };
  },
  lower: (node, context) => {
    const { past, update } = node.inputs;
    const { heads } = node.attributes;
    const first = headsOf(node.name, 'past', context.values[past!]!, heads);
    const second = headsOf(node.name, 'update', context.values[update!]!, heads);
    const bindings = {
      first: past!,
      second: update!,
      y: node.outputs.present!,
    };
    const [firstRows, secondRows] = [Number(first.tokens), Number(second.tokens)];
    const rows = {
      first_rows: firstRows,
      second_rows: secondRows,
      rows: firstRows + secondRows,
    };
    return {
      kernels: [concat],
      problem: {
        axes: {
          batch: context.planned(first.batch),
          heads: first.heads,
          size: first.size,
          ...rows,
        },
        dtypes: dtypesOf(context, bindings),
        options: { second_order: memoryOrder(second) },
      },
      bindings,
      sizes: { batch: first.batch, ...rows },
      flops: 0,
    };
  },
});
