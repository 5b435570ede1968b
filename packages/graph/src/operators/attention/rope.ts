import { times } from '@tilewright/kernels';
import { rope as ropeKernel } from '@tilewright/kernels/rope';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { rank } from '../shapes.ts';

/** Rotary position embedding of `[tokens, heads · headSize]`, half-split; table `[positions, rotary / 2, 2]` of (cos, sin). */
export const rope: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Rope',
  summary: 'y = x with the pairs (i, i + rotary/2) of each head turned by their position',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'table', kind: 'required' },
    { name: 'positions', kind: 'required' },
  ],
  attributes: { heads: { type: 'integer' } },
  infer: ({ subject, inputs }) => {
    rank(subject, 'x', inputs.x!, 2);
    return { y: inputs.x! };
  },
  lower: (node, context) => {
    const tokens = dimensionOf(context, node.inputs.x!, 0);
    const width = staticSize(context, node.inputs.x!, 1);
    const { heads } = node.attributes;
    const tableRows = staticSize(context, node.inputs.table!, 0);
    const rotary = 2 * staticSize(context, node.inputs.table!, 1);
    const bindings = {
      x: node.inputs.x!,
      cos_sin: node.inputs.table!,
      positions: node.inputs.positions!,
      y: node.outputs.y!,
    };
    return {
      kernels: [ropeKernel],
      problem: {
        axes: {
          batch: 1,
          tokens: context.planned(tokens),
          heads,
          head_size: width / heads,
          half: rotary / 2,
          table_rows: tableRows,
          pair: 2,
          columns: 2,
        },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { batch: 1, tokens, table_rows: tableRows },
      addressedBytes: { cos_sin: times(tokens, rotary * 4) },
      flops: times(tokens, 3 * heads * rotary),
    };
  },
});
