import { columnMaxima as columnMaximaKernel } from '@tilewright/kernels/column-maxima';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { tapRequest, tapType } from './tap.ts';

/** The largest magnitude of each column so far, for calibration. */
export const columnMaxima: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ColumnMaxima',
  // present = max(past, |x| of each column)
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'x', kind: 'required' },
  ],
  inPlace: { present: 'past' },
  infer: (context) => tapType(context, 'the number of maxima'),
  lower: (node, context) => tapRequest(node, context, columnMaximaKernel, 'maxima', (k) => 2 * k),
});
