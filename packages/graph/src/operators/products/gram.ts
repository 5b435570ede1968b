import { gram as gramKernel } from '@tilewright/kernels/gram';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { tapRequest, tapType } from './tap.ts';

/** Adds `xᵀx` to a running sum, for calibration. */
export const gram: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Gram',
  // present = past + xᵀ · x
  inputs: [
    { name: 'past', kind: 'required' },
    { name: 'x', kind: 'required' },
  ],
  inPlace: { present: 'past' },
  infer: (context) => tapType(context, 'the size of the sum'),
  lower: (node, context) => tapRequest(node, context, gramKernel, 'gram', (k) => 2 * k * k),
});
