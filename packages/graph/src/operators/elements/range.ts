import { foldRange } from '../../extent/fold.ts';
import { extentAlgebra } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownElements, knownNumbers, knownOf } from '../shape/known.ts';
import { badNode } from '../shapes.ts';
import { mapRequest } from './map-request.ts';

/** ONNX `Range` (opset 27) of integers that are known, or sizes: its step is a number. */
export const range: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Range',
  // output = start, start + delta, … up to before limit
  inputs: [
    { name: 'start', kind: 'required', known: true },
    { name: 'limit', kind: 'required', known: true },
    { name: 'delta', kind: 'required', known: true },
  ],
  infer: (context) => {
    const { subject, extents } = context;
    const [start, limit] = ['start', 'limit'].map((role) => knownElements(context, role)![0]!);
    const delta = knownNumbers(context, 'delta')![0]!;
    if (delta === 0) throw badNode(subject, 'its step is 0', 'it must lead from the start to the limit');
    const sizes = extentAlgebra(extents.symbols);
    const span = delta > 0 ? sizes.difference(limit!, start!) : sizes.difference(start!, limit!);
    const count = sizes.ceilQuotient(span, Math.abs(delta));
    return { output: { dtype: 'i32', shape: [sizes.maximum(count, 0)] } };
  },
  fold: (context) => {
    const [start, limit, delta] = ['start', 'limit', 'delta'].map((role) => knownOf(context, role)!);
    return { output: foldRange(start!, limit!, delta!) };
  },
  lower: (node, context) => {
    const { start, delta } = node.inputs as Record<'start' | 'delta', string>;
    return mapRequest(
      node,
      'output',
      {
        id: '',
        operands: {
          i: { axis: 0 },
          start: { value: start, type: 'i32' },
          delta: { value: delta, type: 'i32' },
        },
        wgsl: 'return start + i32(i) * delta;',
      },
      context,
    );
  },
});
