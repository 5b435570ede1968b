import { times } from '@tilewright/kernels';
import { embedding as embeddingKernel } from '@tilewright/kernels/embedding';
import { formatBytes } from '@tilewright/kernels/weights';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { rank } from '../shapes.ts';

/** ONNX `Gather` along axis 0 of a weight: `y[t] = table[ids[t]]`. */
export const embedding: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Embedding',
  // y[t] = table[ids[t]]
  inputs: [
    { name: 'table', kind: 'required' },
    { name: 'ids', kind: 'required' },
  ],
  infer: ({ subject, inputs }) => {
    rank(subject, 'table', inputs.table!, 2);
    return {
      y: {
        dtype: 'f32',
        shape: [...inputs.ids!.shape, inputs.table!.shape[1]!],
      },
    };
  },
  lower: (node, context) => {
    const table = node.inputs.table!;
    const tokens = productOf(context.extents, ...context.values[node.inputs.ids!]!.shape);
    const [vocabulary, hidden] = context.values[table]!.shape as [number, number];
    const format = context.formatOf(table);
    const bindings = { table, ids: node.inputs.ids!, y: node.outputs.y! };
    return {
      kernels: [embeddingKernel],
      problem: {
        axes: { tokens: context.planned(tokens), vocab: vocabulary, hidden },
        formats: { table: format },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { tokens },
      addressedBytes: {
        table: times(tokens, Math.ceil(formatBytes(format, [vocabulary, hidden]) / vocabulary)),
      },
      flops: 0,
    };
  },
});
