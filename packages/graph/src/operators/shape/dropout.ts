import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownNumbers } from './known.ts';
import { badNode } from '../shapes.ts';
import { identity } from './identity.ts';

/** ONNX `Dropout` (opset 22) as models run it: nothing is dropped. `ratio` and `seed` are of training, which is refused; there is no `mask`. */
export const dropout: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Dropout',
  // output = data
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'ratio', kind: 'optional' },
    { name: 'training_mode', kind: 'optional', known: true },
  ],
  attributes: {
    seed: { type: 'integer', default: 0 },
    // An attribute before opset 12.
    ratio: { type: 'number', default: null },
  },
  infer: (context) => {
    if (knownNumbers(context, 'training_mode')?.[0])
      throw badNode(context.subject, "'training_mode' is set", 'graphs here run models');
    return { output: context.inputs.data! };
  },
  expand: ({ name, inputs, outputs }) => [
    {
      name,
      operator: identity,
      inputs: { input: inputs.data! },
      outputs: { output: outputs.output! },
      attributes: {},
    },
  ],
});
