import { times } from '@tilewright/kernels';
import { gram as gramKernel } from '@tilewright/kernels/gram';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { rank, sameSize } from '../shapes.ts';

/** Adds `xᵀx` to a running sum, for calibration. */
export const gram: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Gram',
  summary: 'present = past + xᵀ · x',
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'x', kind: 'required' },
  ],
  inPlace: { present: 'past' },
  infer: (context) => {
    const { subject, inputs } = context;
    rank(subject, 'x', inputs.x!, 2);
    sameSize(context, 'the size of the sum', inputs.past!.shape[0], inputs.x!.shape[1]);
    return { present: inputs.past! };
  },
  lower: (node, context) => {
    const rows = dimensionOf(context, node.inputs.x!, 0);
    const k = staticSize(context, node.inputs.x!, 1);
    const bindings = { x: node.inputs.x!, gram: node.outputs.present! };
    return {
      kernels: [gramKernel],
      problem: {
        axes: { rows: context.planned(rows), k },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { rows },
      flops: times(rows, 2 * k * k),
    };
  },
});
