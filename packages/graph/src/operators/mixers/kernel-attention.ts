import { type Filling } from '@tilewright/kernels';
import {
  elu1Map,
  expMap,
  identityMap,
  reluMap,
  squaredReluMap,
  sumRatio,
} from '@tilewright/kernels/fillings';
import { isEqual } from '../../extent/index.ts';
import { isRead } from '../../graph-index.ts';
import type { InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf } from '../requests.ts';
import { badNode, inferredContext, numbersOf } from '../shapes.ts';
import { featureMap } from './feature-map.ts';
import { linearRequest } from './linear-request.ts';
import { headCount, packedAs, packedSize } from './packed-heads.ts';
import { stateType } from './states.ts';

interface Attributes {
  readonly q_num_heads: number;
  readonly kv_num_heads: number;
  readonly causal: number;
  readonly normalize: number;
  readonly epsilon: number;
  readonly scale: number;
  readonly feature_map: string;
}

/** Maps of single elements, which fill a slot; others are nodes in front. */
const elementMaps: Readonly<Record<string, Filling>> = {
  identity: identityMap,
  elu1: elu1Map,
  relu: reluMap,
  squared_relu: squaredReluMap,
  exp: expMap,
};

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
  ],
  attributes: {
    q_num_heads: { type: 'integer' },
    kv_num_heads: { type: 'integer' },
    causal: { type: 'integer', default: 0, choices: [0, 1] },
    normalize: { type: 'integer', default: 1, choices: [0, 1] },
    epsilon: { type: 'number', default: 1e-6 },
    scale: { type: 'number', default: 1 },
    feature_map: {
      type: 'string',
      choices: [
        'identity',
        'elu1',
        'relu',
        'squared_relu',
        'exp',
        'softmax',
        'cos_sin',
        'positive',
        'taylor2',
        'square',
      ],
    },
  },
  successors: { final_state: 'initial_state', final_normalizer: 'initial_normalizer' },
  infer: (context) => {
    const { Q } = context.inputs;
    const { heads, keyHeads, features, valueSize } = sizesOf(context);
    const [batch, tokens] = Q!.shape as [number, number];
    return {
      Y: { dtype: Q!.dtype, shape: [batch, tokens, heads * valueSize] },
      final_state: stateType(context, 'initial_state', [batch, keyHeads, features, valueSize]),
      final_normalizer: stateType(context, 'initial_normalizer', [batch, keyHeads, features]),
    };
  },
  expand: (node, context) => {
    const { feature_map: map, scale, q_num_heads: heads, kv_num_heads: keyHeads } = node.attributes;
    if (elementMaps[map]) return undefined;
    const { Q, K, projection, ...inputs } = node.inputs;
    const { final_state, final_normalizer } = node.outputs;
    const keeps =
      inputs.initial_state ??
      inputs.initial_normalizer ??
      [final_state, final_normalizer].find((value) => isRead(context, value));
    // Exponents relative to what comes later, or to what no state knows of, are not to be had.
    const isRelative = node.attributes.normalize === 1;
    const keyPeak = isRelative && node.attributes.causal === 0 && keeps === undefined ? 'head' : 'zero';
    const peaks =
      map === 'softmax'
        ? { q: 'row', k: 'row' }
        : { q: map === 'positive' && isRelative ? 'row' : 'zero', k: map === 'positive' ? keyPeak : 'zero' };
    const features = (part: 'q' | 'k', x: string, count: number): Node => ({
      name: `${node.name}.${part}_features`,
      operator: featureMap,
      inputs: { x, ...(projection && { projection }) },
      outputs: { y: `${node.name}.${part}_features.y` },
      attributes: { heads: count, map, scale: Math.sqrt(scale), peak: peaks[part] },
    });
    const [q, k] = [features('q', Q!, heads), features('k', K!, keyHeads)];
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
  lower: (node: Node<Attributes>, context) => {
    const { Q, K, V } = node.inputs;
    const { causal, normalize, epsilon, scale, feature_map: map } = node.attributes;
    const { heads, keyHeads, features, valueSize } = sizesOf(inferredContext(node, context));
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

function sizesOf(context: InferContext<Attributes>): {
  readonly heads: number;
  readonly keyHeads: number;
  readonly features: number;
  readonly valueSize: number;
} {
  const { subject, inputs, attributes } = context;
  const heads = headCount(subject, 'q_num_heads', attributes.q_num_heads);
  const keyHeads = headCount(subject, 'kv_num_heads', attributes.kv_num_heads);
  if (heads % keyHeads !== 0)
    throw badNode(
      subject,
      `${heads} query heads share ${keyHeads} key heads`,
      'the first must be a multiple of the second',
    );
  const size = packedSize(subject, 'Q', inputs.Q!, heads);
  const valueSize = packedSize(subject, 'V', inputs.V!, keyHeads);
  const [batch] = inputs.Q!.shape as [number];
  packedAs(context, 'K', [batch, inputs.K!.shape[1]!, keyHeads * size]);
  packedAs(context, 'V', [batch, inputs.K!.shape[1]!, keyHeads * valueSize]);
  const map = attributes.feature_map;
  if (elementMaps[map]) {
    if (inputs.projection)
      throw badNode(subject, `its map is '${map}', with 'projection'`, 'this map does not read it');
    return { heads, keyHeads, features: size, valueSize };
  }
  // What the features of the keys will be.
  const { K, projection } = inputs;
  const { y } = featureMap.infer({
    ...context,
    inputs: { x: K!, ...(projection && { projection }) },
    attributes: { heads: keyHeads, map, scale: 1, peak: 'zero' },
  });
  return { heads, keyHeads, features: numbersOf(subject, 'K', y!.shape.slice(2))[0]! / keyHeads, valueSize };
}
