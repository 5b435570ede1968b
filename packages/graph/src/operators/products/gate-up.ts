import type { Expression } from '@tilewright/kernels';
import { gatedActivation } from '@tilewright/kernels/fillings';
import { gateUp as gateUpKernel } from '@tilewright/kernels/gate-up';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { staticSize } from '../requests.ts';
import { numbersOf } from '../shapes.ts';
import { linearRequest, linearType } from './linear-request.ts';

/** `y = act(x gateᵀ) ⊙ (x upᵀ)` with the gate's rows above the up projection's in one weight. */
export const gateUp: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'GateUp',
  summary: 'y = activation(x · gateᵀ) · (x · upᵀ), weight = [gate; up]',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'weight', kind: 'required' },
    { name: 'gain', kind: 'optional' },
  ],
  attributes: {
    activation: { type: 'string' },
    normEpsilon: { type: 'number', default: null },
  },
  infer: (context) => ({
    y: linearType(context, numbersOf(context.subject, 'weight', context.inputs.weight!.shape)[0]! / 2),
  }),
  lower: (node, context) => {
    const stacked = staticSize(context, node.inputs.weight!, 0);
    const request = linearRequest(node, context, [gateUpKernel], {
      columns: stacked / 2,
      bindings: { y: node.outputs.y! },
    });
    const { n: f, ...axes } = request.problem.axes;
    const activation = gatedActivation([
      'mul',
      [node.attributes.activation, 'gate'],
      'up',
    ] as unknown as Expression);
    return {
      ...request,
      columnsOf: { y: [0, f!] },
      problem: {
        ...request.problem,
        axes: { ...axes, f: f!, stacked },
        slots: { ...request.problem.slots, activation },
      },
    };
  },
});
