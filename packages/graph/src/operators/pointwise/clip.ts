import type { Expression } from '@tilewright/kernels';
import type { Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { elementType, floats } from '../shapes.ts';
import { pointwiseRequest } from './pointwise-request.ts';

/** ONNX `Clip` (opset 13) of f32 and f16: from `min` to `max`, each a number or absent; `max` where `min` is larger. */
export const clip: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Clip',
  // output = min(max(input, min), max)
  inputs: [
    { name: 'input', kind: 'required' },
    { name: 'min', kind: 'optional' },
    { name: 'max', kind: 'optional' },
  ],
  infer: ({ subject, inputs }) => {
    const { input, ...bounds } = inputs;
    elementType(subject, 'input', input!, floats);
    for (const [role, type] of Object.entries(bounds)) elementType(subject, role, type, [input!.dtype]);
    return { output: input! };
  },
  lower: (node, context) => pointwiseRequest(node, formulaOf(node), 'output', context),
});

function formulaOf({ inputs }: Pick<Node, 'inputs'>): Expression {
  const low: Expression = inputs.min ? ['max', 'input', 'min'] : 'input';
  return inputs.max ? ['min', low, 'max'] : low;
}
