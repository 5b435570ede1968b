import { times } from '@tilewright/kernels';
import { linearStateSpace as linearStateSpaceKernel } from '@tilewright/kernels/linear-state-space';
import type { InferContext, Operator } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, rank } from '../shapes.ts';
import { packedAs, packedSize } from './packed-heads.ts';
import { stateBindings, statesOf, stateType } from './states.ts';

const roles = { initial: 'initial', final: 'final' };

/**
 * A linear system with dense matrices: `s_t = s_{t−1} Aᵀ + u_t Bᵀ`, `y_t = s_t Cᵀ + u_t Dᵀ` (Legendre memory units; Voelker et al. 2019). `u` is
 * `[batch, tokens, M]`, `A` `[N, N]`, `B` `[N, M]`, `C` `[P, N]` (absent: y is the state), `D` `[P, M]`, `y` `[batch, tokens, P]` in f32 or f16;
 * `initial` and `final` `[batch, N]` in f32.
 */
export const linearStateSpace: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'LinearStateSpace',
  inputs: [
    { name: 'u', kind: 'required' },
    { name: 'A', kind: 'required' },
    { name: 'B', kind: 'required' },
    { name: 'C', kind: 'optional' },
    { name: 'D', kind: 'optional' },
    { name: 'initial', kind: 'optional' },
  ],
  successors: { final: 'initial' },
  infer: (context) => {
    const { u } = context.inputs;
    const { states, outputs } = sizesOf(context);
    const [batch, tokens] = u!.shape as [number, number];
    return {
      y: { dtype: u!.dtype, shape: [batch, tokens, outputs] },
      final: stateType(context, 'initial', [batch, states]),
    };
  },
  lower: (node, context) => {
    const { u, A, B, C, D } = node.inputs;
    const { states: count, inputs, outputs } = sizesOf(inferredContext(node, context));
    const [batch, tokens] = [dimensionOf(context, u!, 0), dimensionOf(context, u!, 1)];
    const states = statesOf(node, context, roles);
    const bindings = {
      u: u!,
      a: A!,
      b: B!,
      ...(C && { c: C }),
      ...(D && { d: D }),
      y: node.outputs.y!,
      ...stateBindings(node, states, roles),
    };
    return {
      kernels: [linearStateSpaceKernel],
      problem: {
        axes: {
          batch: context.planned(batch),
          tokens: context.planned(tokens),
          states: count,
          inputs,
          outputs,
        },
        dtypes: dtypesOf(context, bindings),
        options: { read: C !== undefined, pass: D !== undefined, states },
      },
      bindings,
      sizes: { batch, tokens },
      flops: times(times(batch, tokens), 2 * (count + outputs) * (count + inputs)),
    };
  },
});

function sizesOf(context: InferContext<unknown>): {
  readonly states: number;
  readonly inputs: number;
  readonly outputs: number;
} {
  const { subject, inputs } = context;
  const width = packedSize(subject, 'u', inputs.u!, 1);
  elementType(subject, 'A', inputs.A!, floats);
  rank(subject, 'A', inputs.A!, 2);
  const [states, columns] = numbersOf(subject, 'A', inputs.A!.shape) as [number, number];
  if (states !== columns)
    throw badNode(subject, `'A' has shape ${printShape(inputs.A!.shape)}`, 'it must be square');
  packedAs(context, 'B', [states, width]);
  const outputs = inputs.C ? numbersOf(subject, 'C', inputs.C.shape)[0]! : states;
  packedAs(context, 'C', [outputs, states]);
  packedAs(context, 'D', [outputs, width]);
  return { states, inputs: width, outputs };
}
