import { times } from '@tilewright/kernels';
import { rope as ropeKernel } from '@tilewright/kernels/rope';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { sameRows } from '../shapes.ts';
import { ropeStep } from './rope-step.ts';

/**
 * Rotary position embedding of `[..., heads · headSize]` at positions `[..., 2]`, of which it reads the first; table `[positions, rotary / 2, 2]` of (cos, sin). Channels i and
 * i + rotary / 2 of a head turn together, with `interleaved` 1 the neighbours 2i and 2i + 1.
 */
export const rope: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Rope',
  // y = x with pairs of channels of each head turned by their position
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'table', kind: 'required' },
    { name: 'positions', kind: 'required' },
  ],
  attributes: {
    heads: { type: 'integer' },
    interleaved: { type: 'integer', default: 0, choices: [0, 1] },
  },
  absorption: {
    direction: 'epilogue',
    through: ['x'],
    sees: ({ attributes }) => (attributes.interleaved === 1 ? 'pair' : 'head'),
    step: (node, place, context) => ropeStep(node, place, context),
  },
  infer: (context) => {
    const { x, positions } = context.inputs;
    sameRows(context, 'positions', positions!, x!.shape.slice(0, -1));
    return { y: x! };
  },
  lower: (node, context) => {
    const tokens = rowsOf(context, node.inputs.x!);
    const width = staticSize(context, node.inputs.x!, -1);
    const { heads, interleaved } = node.attributes;
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
        options: { interleaved: interleaved === 1 },
      },
      bindings,
      sizes: { batch: 1, tokens, table_rows: tableRows },
      addressedBytes: { cos_sin: times(tokens, rotary * 4) },
      flops: times(tokens, 3 * heads * rotary),
    };
  },
});
