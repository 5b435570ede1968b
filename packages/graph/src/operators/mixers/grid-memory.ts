import { times } from '@tilewright/kernels';
import { gridMemory as gridMemoryKernel } from '@tilewright/kernels/grid-memory';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, rank } from '../shapes.ts';
import { headCount, packedAs } from './packed-heads.ts';

/**
 * A linear memory over a grid (pLSTM; Pöppel et al. 2025, arXiv 2506.11997): `y = scale · qᵀ (m_r R + m_d D)` of the edges that come into a node from the left
 * and from above (0 at the border), and for those that go out to the right and down `R' = t_rr R + t_dr D + s_r k vᵀ`, `D' = t_rd R + t_dd D + s_d k vᵀ`,
 * a state of each head. `q` and `k` are `[batch, rows, columns, heads · dk]`, `v` and `y` `[…, heads · dv]`, `transitions` `[…, 4 · heads]` in the order
 * rr, rd, dr, dd (from, to), `sources` and `marks` `[…, 2 · heads]`, right before down, in f32 or f16. `reverse_rows` 1 walks upwards,
 * `reverse_columns` 1 to the left.
 */
export const gridMemory: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'GridMemory',
  inputs: [
    { name: 'q', kind: 'required' },
    { name: 'k', kind: 'required' },
    { name: 'v', kind: 'required' },
    { name: 'transitions', kind: 'required' },
    { name: 'sources', kind: 'required' },
    { name: 'marks', kind: 'required' },
  ],
  attributes: {
    heads: { type: 'integer' },
    scale: { type: 'number', default: 1 },
    reverse_rows: { type: 'integer', default: 0, choices: [0, 1] },
    reverse_columns: { type: 'integer', default: 0, choices: [0, 1] },
  },
  infer: (context) => {
    sizesOf(context);
    return { y: context.inputs.v! };
  },
  lower: (node, context) => {
    const { q, k, v, transitions, sources, marks } = node.inputs as Record<string, string>;
    const { heads, scale, reverse_rows: upwards, reverse_columns: leftwards } = node.attributes;
    const { keys, values } = sizesOf(inferredContext(node, context));
    const [batch, rows, columns] = [0, 1, 2].map((axis) => dimensionOf(context, q!, axis)) as [
      number,
      number,
      number,
    ];
    const bindings = {
      q: q!,
      k: k!,
      v: v!,
      transitions: transitions!,
      sources: sources!,
      marks: marks!,
      y: node.outputs.y!,
    };
    return {
      kernels: [gridMemoryKernel],
      problem: {
        axes: {
          batch: context.planned(batch),
          rows: context.planned(rows),
          columns: context.planned(columns),
          heads,
          key_size: keys,
          value_size: values,
          transitions: 4,
          edges: 2,
        },
        dtypes: dtypesOf(context, bindings),
        options: { reverse_rows: upwards === 1, reverse_columns: leftwards === 1 },
        scalars: { scale },
      },
      bindings,
      sizes: { batch, rows, columns },
      flops: times(times(batch, times(rows, columns)), 13 * heads * keys * values),
    };
  },
});

function sizesOf(context: InferContext<{ readonly heads: number }>): {
  readonly keys: number;
  readonly values: number;
} {
  const { subject, inputs, attributes } = context;
  const heads = headCount(subject, 'heads', attributes.heads);
  const [keys, values] = ['q', 'v'].map((role) => {
    elementType(subject, role, inputs[role]!, floats);
    rank(subject, role, inputs[role]!, 4);
    const [width] = numbersOf(subject, role, inputs[role]!.shape.slice(3)) as [number];
    if (width % heads === 0) return width / heads;
    throw badNode(subject, `'${role}' is ${width} wide with ${heads} heads`, 'heads divide the width');
  }) as [number, number];
  const nodes = inputs.q!.shape.slice(0, 3);
  for (const [role, width] of [
    ['k', heads * keys],
    ['v', heads * values],
    ['transitions', 4 * heads],
    ['sources', 2 * heads],
    ['marks', 2 * heads],
  ] as const)
    packedAs(context, role, [...nodes, width]);
  return { keys, values };
}
