import type { Node, Operator } from '../../ir.ts';
import { derivedOperator } from '../derived-operator.ts';
import { add } from '../pointwise/add.ts';
import { log } from '../pointwise/log.ts';
import { reduceMax } from './reduce-max.ts';
import { reduceSum } from './reduce-sum.ts';
import { shiftedExp } from './shifted-exp.ts';

/** ONNX `ReduceLogSumExp` (opset 18) of f32, along the axes named; of all where none are. Exponentials are relative to the largest. */
export const reduceLogSumExp: Operator = /* @__PURE__ */ derivedOperator(reduceSum, {
  domain: '',
  name: 'ReduceLogSumExp',
  // reduced = the logarithm of the sum of exp(data) along some axes
  expand: ({ name, inputs, outputs, attributes }): readonly Node[] => {
    const { data, ...axes } = inputs as { readonly data: string };
    const part = (
      operator: Operator,
      given: Readonly<Record<string, string>>,
      role: string,
      what: string,
      more = {},
    ): Node => ({
      name: `${name}.${what}`,
      operator,
      inputs: given,
      outputs: { [role]: `${name}.${what}` },
      attributes: more,
    });
    return [
      part(reduceMax, inputs, 'reduced', 'largest', { ...attributes, keepdims: 1 }),
      part(shiftedExp, { X: data, M: `${name}.largest` }, 'Y', 'shifted'),
      part(reduceSum, { data: `${name}.shifted`, ...axes }, 'reduced', 'sum', attributes),
      part(log, { X: `${name}.sum` }, 'Y', 'log'),
      part(reduceMax, inputs, 'reduced', 'shift', attributes),
      {
        ...part(add, { A: `${name}.log`, B: `${name}.shift` }, 'C', 'result'),
        outputs: { C: outputs.reduced! },
      },
    ];
  },
});
