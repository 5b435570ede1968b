import { times } from '@tilewright/kernels';
import { selectiveScan as selectiveScanKernel } from '@tilewright/kernels/selective-scan';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { badNode, elementType, floats, numbersOf, rank } from '../shapes.ts';
import { headCount, packedAs, packedSize } from './packed-heads.ts';
import { expandSequences, sequencesRole, stateRows, withSequences } from './packed-sequences.ts';
import { stateBindings, statesOf, stateType } from './states.ts';

const roles = { initial: 'initial_state', final: 'final_state' };

/**
 * Mamba's selective state space (Gu and Dao 2023, arXiv 2312.00752): with `Δ = delta + delta_bias`, softplus of it where `delta_softplus` is
 * 1, `h_t = exp(Δ_t A) ⊙ h_{t−1} + (Δ_t x_t) B_tᵀ`, `y_t = (h_t C_t + D ⊙ x_t) ⊙ silu(z)`. `x`, `delta`, `z` and `y` are `[batch, tokens,
 * channels]`, `B` and `C` `[batch, tokens, groups · N]`, in f32 or f16; `A` `[channels, N]`, `D` and `delta_bias` `[channels]`; states
 * `[batch, channels, N]` in f32. A is the rate itself, not its logarithm; channels share groups of B and C.
 */
export const selectiveScan: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'SelectiveScan',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'delta', kind: 'required' },
    { name: 'A', kind: 'required' },
    { name: 'B', kind: 'required' },
    { name: 'C', kind: 'required' },
    { name: 'D', kind: 'optional' },
    { name: 'z', kind: 'optional' },
    { name: 'delta_bias', kind: 'optional' },
    { name: 'initial_state', kind: 'optional' },
    sequencesRole,
  ],
  attributes: {
    groups: { type: 'integer', default: 1 },
    delta_softplus: { type: 'integer', default: 0, choices: [0, 1] },
    reverse: { type: 'integer', default: 0, choices: [0, 1] },
  },
  successors: { final_state: 'initial_state' },
  infer: (context) => {
    const { x } = context.inputs;
    const { channels, states } = sizesOf(context);
    const rows = stateRows(context, x!.shape[0]!);
    return { y: x!, final_state: stateType(context, 'initial_state', [rows, channels, states]) };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.x!]!.shape[1]!),
  lower: (node, context) => {
    const { x, delta, A, B, C, D, z, delta_bias: bias } = node.inputs;
    const { groups, delta_softplus: softplus, reverse } = node.attributes;
    const [batch, tokens] = [dimensionOf(context, x!, 0), dimensionOf(context, x!, 1)];
    const [channels, count] = [staticSize(context, A!, 0), staticSize(context, A!, 1)];
    const states = statesOf(node, context, roles);
    const bindings = {
      x: x!,
      delta: delta!,
      rate: A!,
      b: B!,
      c: C!,
      ...(D && { skip: D }),
      ...(z && { gate: z }),
      ...(bias && { bias }),
      y: node.outputs.y!,
      ...stateBindings(node, states, roles, { initial: 'initial', final: 'final' }),
    };
    return withSequences(node, context, {
      kernels: [selectiveScanKernel],
      problem: {
        axes: {
          batch: context.planned(batch),
          tokens: context.planned(tokens),
          channels,
          states: count,
          groups,
        },
        dtypes: dtypesOf(context, bindings),
        options: {
          softplus: softplus === 1,
          bias: bias !== undefined,
          skip: D !== undefined,
          gate: z !== undefined,
          states,
          reverse: reverse === 1,
        },
      },
      bindings,
      sizes: { batch, tokens },
      flops: times(times(batch, tokens), 6 * channels * count),
    });
  },
});

function sizesOf(context: InferContext<{ readonly groups: number }>): {
  readonly channels: number;
  readonly states: number;
} {
  const { subject, inputs, attributes } = context;
  const groups = headCount(subject, 'groups', attributes.groups);
  elementType(subject, 'A', inputs.A!, floats);
  rank(subject, 'A', inputs.A!, 2);
  const [channels, states] = numbersOf(subject, 'A', inputs.A!.shape) as [number, number];
  if (channels % groups !== 0)
    throw badNode(
      subject,
      `${channels} channels share ${groups} groups`,
      'the first must be a multiple of the second',
    );
  packedSize(subject, 'x', inputs.x!, 1);
  const [batch, tokens] = inputs.x!.shape as [number, number];
  for (const role of ['x', 'delta', 'z']) packedAs(context, role, [batch, tokens, channels]);
  for (const role of ['B', 'C']) packedAs(context, role, [batch, tokens, groups * states]);
  for (const role of ['D', 'delta_bias']) packedAs(context, role, [channels]);
  return { channels, states };
}
