import type { InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { inferredContext } from '../shapes.ts';
import { linearRequest } from './linear-request.ts';
import { headCount, packedAs, packedSize } from './packed-heads.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { stateType } from './states.ts';

interface Attributes {
  readonly heads: number;
  readonly scale: number;
  readonly reverse: number;
}

const state = { initial: 'initial_state', final: 'final_state' };

/**
 * A state with a decay for each key and a rank of one beside it: `S_t = S_{t−1}(diag(exp(w_t)) + a_t b_tᵀ) + v_t k_tᵀ`, `y_t = scale · S_t r_t`
 * (RWKV-7; Peng et al. 2025, arXiv 2503.14456, with a = −κ̂ and b = κ̂ ⊙ α). `r`, `w`, `k`, `a`, `b` are `[batch, tokens, heads · dk]`, `v` and
 * `y` `[batch, tokens, heads · dv]` in f32 or f16, states `[batch, heads, dv, dk]` in f32; w is the logarithm of the decay.
 */
export const generalizedDelta: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'GeneralizedDelta',
  // S_t = S_(t−1)(diag(exp(w)) + a bᵀ) + v kᵀ, y = scale · S r
  inputs: [
    { name: 'r', kind: 'required' },
    { name: 'w', kind: 'required' },
    { name: 'k', kind: 'required' },
    { name: 'a', kind: 'required' },
    { name: 'b', kind: 'required' },
    { name: 'v', kind: 'required' },
    { name: 'initial_state', kind: 'optional' },
    sequencesRole,
  ],
  attributes: {
    heads: { type: 'integer' },
    scale: { type: 'number', default: 1 },
    reverse: { type: 'integer', default: 0, choices: [0, 1] },
  },
  successors: { final_state: 'initial_state' },
  infer: (context) => {
    const { v } = context.inputs;
    const { keySize, valueSize } = sizesOf(context);
    return {
      y: v!,
      final_state: stateType(context, 'initial_state', [
        stateRows(context, v!.shape[0]!),
        context.attributes.heads,
        valueSize,
        keySize,
      ]),
    };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.v!]!.shape[1]!),
  lower: (node: Node<Attributes>, context) => {
    const { r, w, k, a, b, v } = node.inputs;
    const { heads, scale, reverse } = node.attributes;
    const { keySize, valueSize } = sizesOf(inferredContext(node, context));
    return linearRequest(node, context, {
      bindings: { q: r!, k: k!, v: v!, decay: w!, probe: a!, eraser: b!, y: node.outputs.y! },
      axes: { heads, key_heads: heads, value_heads: heads, key_size: keySize, value_size: valueSize },
      state,
      options: { rule: 'general', decay: 'key', reverse: reverse === 1, state_order: 'value key' },
      scalars: { scale },
    });
  },
});

function sizesOf(context: InferContext<Attributes>): {
  readonly keySize: number;
  readonly valueSize: number;
} {
  const { subject, inputs, attributes } = context;
  const heads = headCount(subject, 'heads', attributes.heads);
  const keySize = packedSize(subject, 'r', inputs.r!, heads);
  const valueSize = packedSize(subject, 'v', inputs.v!, heads);
  const { shape } = inputs.r!;
  for (const role of ['w', 'k', 'a', 'b']) packedAs(context, role, shape);
  packedAs(context, 'v', [shape[0]!, shape[1]!, heads * valueSize]);
  return { keySize, valueSize };
}
