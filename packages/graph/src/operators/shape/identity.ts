import { foldUnchanged } from '../../extent/fold.ts';
import type { Operator } from '../../ir.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { asShape } from './as-shape.ts';
import { knownOf } from './known.ts';

/** ONNX `Identity` (opset 25). */
export const identity: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Identity',
  // output = input
  inputs: [{ name: 'input', kind: 'required' }],
  infer: ({ inputs }) => ({ output: inputs.input! }),
  fold: (context) => {
    const input = knownOf(context, 'input');
    return { output: input && foldUnchanged(input) };
  },
  view: { place: placeViews, outputs: (context) => asShape(context, 'input', 'output') },
});
