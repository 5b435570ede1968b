import { times } from '@tilewright/kernels';
import { argmax as argmaxKernel } from '@tilewright/kernels/argmax';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';

/** The index of the largest element of each row. */
export const argMax: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ArgMax',
  // ids[r] = index of the largest x[r], the lowest index among equals
  inputs: [{ name: 'x', kind: 'required' }],
  infer: ({ inputs }) => ({ ids: { dtype: 'u32', shape: inputs.x!.shape.slice(0, -1) } }),
  lower: (node, context) => {
    const rows = rowsOf(context, node.inputs.x!);
    const columns = staticSize(context, node.inputs.x!, -1);
    const bindings = { x: node.inputs.x!, ids: node.outputs.ids! };
    return {
      kernels: [argmaxKernel],
      problem: {
        axes: { rows: context.planned(rows), columns },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { rows },
      flops: times(rows, columns),
    };
  },
});
