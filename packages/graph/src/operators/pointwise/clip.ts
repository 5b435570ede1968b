import type { Expression } from '@tilewright/kernels';
import type { Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { elementType, floats } from '../shapes.ts';
import { pointwiseRequest } from './pointwise-request.ts';
import { parameterOf, withIntegers } from './with-fold.ts';

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

/** The same of integers, too. */
export const clipWithIntegers: Operator = /* @__PURE__ */ withIntegers(clip, {
  output: 'output',
  shape: ({ inputs }) => inputs.input!.shape,
  wgsl: (_, roles) => {
    const at = (role: string): string | undefined =>
      roles.includes(role) ? parameterOf(roles.indexOf(role)) : undefined;
    const low = at('min') ? `max(${at('input')}, ${at('min')})` : at('input');
    return `return ${at('max') ? `min(${low}, ${at('max')})` : low};`;
  },
});
