import { times } from '@tilewright/kernels';
import { columnMaxima as columnMaximaKernel } from '@tilewright/kernels/column-maxima';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { rank, sameSize } from '../shapes.ts';

/** The largest magnitude of each column so far, for calibration. */
export const columnMaxima: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ColumnMaxima',
  summary: 'present = max(past, |x| of each column)',
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'x', kind: 'required' },
  ],
  inPlace: { present: 'past' },
  infer: (context) => {
    const { subject, inputs } = context;
    rank(subject, 'x', inputs.x!, 2);
    sameSize(context, 'the number of maxima', inputs.past!.shape[0], inputs.x!.shape[1]);
    return { present: inputs.past! };
  },
  lower: (node, context) => {
    const rows = dimensionOf(context, node.inputs.x!, 0);
    const k = staticSize(context, node.inputs.x!, 1);
    const bindings = { x: node.inputs.x!, maxima: node.outputs.present! };
    return {
      kernels: [columnMaximaKernel],
      problem: {
        axes: { rows: context.planned(rows), k },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { rows },
      flops: times(rows, 2 * k),
    };
  },
});
