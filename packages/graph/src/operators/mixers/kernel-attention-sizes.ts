// What kernelized attention with a state and with a bias by distance have in common.
import type { Filling } from '@tilewright/kernels';
import { elu1Map, expMap, identityMap, reluMap, squaredReluMap } from '@tilewright/kernels/fillings';
import type { InferContext, Node } from '../../ir.ts';
import { badNode, numbersOf } from '../shapes.ts';
import { featureMap } from './feature-map.ts';
import { headCount, packedAs, packedSize } from './packed-heads.ts';

export interface KernelAttributes {
  readonly q_num_heads: number;
  readonly kv_num_heads: number;
  readonly causal: number;
  readonly normalize: number;
  readonly epsilon: number;
  readonly scale: number;
  readonly feature_map: string;
}

/** Maps of single elements, which fill a slot; others are nodes in front. */
export const elementMaps: Readonly<Record<string, Filling>> = {
  identity: identityMap,
  elu1: elu1Map,
  relu: reluMap,
  squared_relu: squaredReluMap,
  exp: expMap,
};

export const kernelAttributes = {
  q_num_heads: { type: 'integer' },
  kv_num_heads: { type: 'integer' },
  causal: { type: 'integer', default: 0, choices: [0, 1] },
  normalize: { type: 'integer', default: 1, choices: [0, 1] },
  epsilon: { type: 'number', default: 1e-6, least: 0 },
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
} as const;

/**
 * The nodes that make features of Q and K, by a map of whole rows. Exponents of positive features are relative to the largest of a row,
 * and those of keys, where `isWhole`, to that of all tokens; without a denominator they are absolute.
 */
export function rowFeatures(
  { name, inputs }: Pick<Node, 'name' | 'inputs'>,
  attributes: KernelAttributes,
  isWhole: boolean,
): { readonly q: Node; readonly k: Node } {
  const { feature_map: map, scale, normalize, q_num_heads: heads, kv_num_heads: keyHeads } = attributes;
  const { Q, K, projection } = inputs;
  const isRelative = map === 'positive' && normalize === 1;
  const peaks =
    map === 'softmax'
      ? { q: 'row', k: 'row' }
      : { q: isRelative ? 'row' : 'zero', k: isRelative && isWhole ? 'head' : 'zero' };
  const features = (part: 'q' | 'k', x: string, count: number): Node => ({
    name: `${name}.${part}_features`,
    operator: featureMap,
    inputs: { x, ...(projection && { projection }) },
    outputs: { y: `${name}.${part}_features.y` },
    attributes: { heads: count, map, scale: Math.sqrt(scale), peak: peaks[part] },
  });
  return { q: features('q', Q!, heads), k: features('k', K!, keyHeads) };
}

/** Sizes of a head; throws `bad-graph` and `bad-dtype` for inputs that do not fit. */
export function kernelSizes(context: InferContext<KernelAttributes>): {
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
