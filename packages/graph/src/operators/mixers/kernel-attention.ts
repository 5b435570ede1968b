import { sumRatio } from '@tilewright/kernels/fillings';
import { isEqual } from '../../extent/index.ts';
import { isRead } from '../../graph-index.ts';
import type { Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf } from '../requests.ts';
import { inferredContext, sameSize } from '../shapes.ts';
import {
  elementMaps,
  kernelAttributes,
  type KernelAttributes,
  kernelSizes,
  rowFeatures,
} from './kernel-attention-sizes.ts';
import { linearRequest } from './linear-request.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { stateType } from './states.ts';

const state = { initial: 'initial_state', final: 'final_state' };
const sums = { initial: 'initial_normalizer', final: 'final_normalizer' };

/**
 * Kernelized attention (Katharopoulos et al. 2020, arXiv 2006.16236; Choromanski et al. 2020, arXiv 2009.14794): `Y_i = φ(Q_i)ᵀ Σ_j φ(K_j) V_jᵀ /
 * (φ(Q_i)ᵀ Σ_j φ(K_j) + epsilon)`, over all j or, `causal`, `j ≤ i`. `Q` is `[batch, tokens, q_num_heads · d]`, `K` and `V` `[batch, keys,
 * kv_num_heads · size]` in f32 or f16, `projection` `[kv_num_heads or 1, m, d]`; the states, in f32, are `[batch, kv_num_heads, features,
 * value size]` and `[batch, kv_num_heads, features]`. `scale` multiplies q and k by its root; `normalize` 0 leaves the denominator out.
 */
export const kernelAttention: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'KernelAttention',
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'V', kind: 'required' },
    { name: 'projection', kind: 'optional' },
    { name: 'initial_state', kind: 'optional' },
    { name: 'initial_normalizer', kind: 'optional' },
    sequencesRole,
  ],
  attributes: kernelAttributes,
  successors: { final_state: 'initial_state', final_normalizer: 'initial_normalizer' },
  infer: (context) => {
    const { Q } = context.inputs;
    const { heads, keyHeads, features, valueSize } = kernelSizes(context);
    const [batch, tokens] = Q!.shape as [number, number];
    const rows = stateRows(context, batch);
    if (context.inputs.sequences) sameSize(context, 'the number of keys', context.inputs.K!.shape[1], tokens);
    return {
      Y: { dtype: Q!.dtype, shape: [batch, tokens, heads * valueSize] },
      final_state: stateType(context, 'initial_state', [rows, keyHeads, features, valueSize]),
      final_normalizer: stateType(context, 'initial_normalizer', [rows, keyHeads, features]),
    };
  },
  expand: (node, context) => {
    if (elementMaps[node.attributes.feature_map])
      return expandSequences(node, context, context.values[node.inputs.Q!]!.shape[1]!);
    const { projection: _, ...inputs } = node.inputs;
    const { final_state, final_normalizer } = node.outputs;
    const keeps =
      inputs.sequences ??
      inputs.initial_state ??
      inputs.initial_normalizer ??
      [final_state, final_normalizer].find((value) => isRead(context, value));
    // Exponents relative to what comes later, to other sequences, or to what no state knows of, are not to be had.
    const { q, k } = rowFeatures(node, node.attributes, node.attributes.causal === 0 && keeps === undefined);
    return [
      q,
      k,
      {
        ...node,
        inputs: { ...inputs, Q: q.outputs.y!, K: k.outputs.y! },
        attributes: { ...node.attributes, feature_map: 'identity', scale: 1 },
      },
    ];
  },
  lower: (node: Node<KernelAttributes>, context) => {
    const { Q, K, V } = node.inputs;
    const { causal, normalize, epsilon, scale, feature_map: map } = node.attributes;
    const { heads, keyHeads, features, valueSize } = kernelSizes(inferredContext(node, context));
    const isPaired =
      isEqual(context.extents, dimensionOf(context, Q!, 1), dimensionOf(context, K!, 1)) === 'yes';
    const needsSums = normalize === 1 || isRead(context, node.outputs.final_normalizer);
    return linearRequest(node, context, {
      bindings: { q: Q!, k: K!, v: V!, y: node.outputs.Y! },
      axes: {
        heads,
        key_heads: keyHeads,
        value_heads: keyHeads,
        key_size: features,
        value_size: valueSize,
      },
      state,
      ...(needsSums && { sums }),
      options: { causal: causal === 1, cross: !isPaired },
      scalars: { feature_scale: Math.sqrt(scale) },
      slots: { feature_map: elementMaps[map]!, ...(normalize === 1 && { finish: sumRatio(epsilon) }) },
    });
  },
});
