import { skipAndGate, stateSpaceGates } from '@tilewright/kernels/fillings';
import type { InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, inferredContext } from '../shapes.ts';
import { linearRequest } from './linear-request.ts';
import { headCount, packedAs, packedSize } from './packed-heads.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { stateType } from './states.ts';

interface Attributes {
  readonly heads: number;
  readonly groups: number;
  readonly dt_softplus: number;
  readonly dt_min: number | null;
  readonly dt_max: number | null;
  readonly reverse: number;
}

const state = { initial: 'initial_state', final: 'final_state' };

/**
 * Mamba-2 (Dao and Gu 2024, arXiv 2405.21060): per head, with `Δ = dt + dt_bias`, softplus of it where `dt_softplus` is 1, and no less than `dt_min`, no more than `dt_max`, `S_t = exp(Δ_t A) S_{t−1}
 * + Δ_t x_t B_tᵀ`, `y_t = (S_t C_t + D x_t) ⊙ silu(z)`. `x`, `z` and `y` are `[batch, tokens, heads · P]`, `dt` `[batch, tokens, heads]`, `B` and
 * `C` `[batch, tokens, groups · N]`, in f32 or f16; `A`, `D` and `dt_bias` `[heads]`; states `[batch, heads, P, N]` in f32. A is the rate
 * itself, not its logarithm; heads share groups of B and C.
 */
export const stateSpaceDual: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'StateSpaceDual',
  // S_t = exp(Δ A) S_(t−1) + Δ x Bᵀ, y = (S C + D x) ⊙ silu(z)
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'dt', kind: 'required' },
    { name: 'A', kind: 'required' },
    { name: 'B', kind: 'required' },
    { name: 'C', kind: 'required' },
    { name: 'D', kind: 'optional' },
    { name: 'z', kind: 'optional' },
    { name: 'dt_bias', kind: 'optional' },
    { name: 'initial_state', kind: 'optional' },
    sequencesRole,
  ],
  attributes: {
    heads: { type: 'integer' },
    groups: { type: 'integer', default: 1 },
    dt_softplus: { type: 'integer', default: 0, choices: [0, 1] },
    dt_min: { type: 'number', default: null },
    dt_max: { type: 'number', default: null },
    reverse: { type: 'integer', default: 0, choices: [0, 1] },
  },
  successors: { final_state: 'initial_state' },
  infer: (context) => {
    const { x } = context.inputs;
    const { keySize, valueSize } = sizesOf(context);
    return {
      y: x!,
      final_state: stateType(context, 'initial_state', [
        stateRows(context, x!.shape[0]!),
        context.attributes.heads,
        valueSize,
        keySize,
      ]),
    };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.x!]!.shape[1]!),
  lower: (node: Node<Attributes>, context) => {
    const { x, dt, A, B, C, D, z, dt_bias: bias } = node.inputs;
    const { heads, groups, dt_softplus: softplus, dt_min: least, dt_max: most, reverse } = node.attributes;
    const { keySize, valueSize } = sizesOf(inferredContext(node, context));
    return linearRequest(node, context, {
      bindings: {
        q: C!,
        k: B!,
        v: x!,
        y: node.outputs.y!,
        'gates.step': dt!,
        'gates.rate': A!,
        ...(bias && { 'gates.bias': bias }),
        ...(D && { 'finish.skip': D }),
        ...(z && { 'finish.gate': z }),
      },
      axes: {
        heads: groups,
        key_heads: groups,
        value_heads: heads,
        key_size: keySize,
        value_size: valueSize,
      },
      state,
      options: { reverse: reverse === 1, state_order: 'value key' },
      slots: {
        gates: stateSpaceGates({
          softplus: softplus === 1,
          bias: bias !== undefined,
          ...(least !== null && { least }),
          ...(most !== null && { most }),
        }),
        ...((D ?? z) && { finish: skipAndGate({ skip: D !== undefined, gate: z !== undefined }) }),
      },
    });
  },
});

function sizesOf(context: InferContext<Attributes>): {
  readonly keySize: number;
  readonly valueSize: number;
} {
  const { subject, inputs, attributes } = context;
  const heads = headCount(subject, 'heads', attributes.heads);
  const groups = headCount(subject, 'groups', attributes.groups);
  if (heads % groups !== 0)
    throw badNode(
      subject,
      `${heads} heads share ${groups} groups`,
      'the first must be a multiple of the second',
    );
  const { dt_min: least, dt_max: most } = attributes;
  if (least !== null && most !== null && least > most)
    throw badNode(subject, `dt_min is ${least} and dt_max ${most}`, 'the first must not be above the second');
  const valueSize = packedSize(subject, 'x', inputs.x!, heads);
  const keySize = packedSize(subject, 'B', inputs.B!, groups);
  const [batch, tokens] = inputs.x!.shape as [number, number];
  packedAs(context, 'dt', [batch, tokens, heads]);
  for (const role of ['B', 'C']) packedAs(context, role, [batch, tokens, groups * keySize]);
  packedAs(context, 'z', inputs.x!.shape);
  for (const role of ['A', 'D', 'dt_bias']) packedAs(context, role, [heads]);
  return { keySize, valueSize };
}
