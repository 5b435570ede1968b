import { times } from '@tilewright/kernels';
import { toeplitzAttention as toeplitzAttentionKernel } from '@tilewright/kernels/toeplitz-attention';
import type { InferContext, Node, Operator } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, rank } from '../shapes.ts';
import {
  elementMaps,
  kernelAttributes,
  type KernelAttributes,
  kernelSizes,
  rowFeatures,
} from './kernel-attention-sizes.ts';
import { toeplitzByTransforms } from './toeplitz-by-transforms.ts';

/**
 * KernelAttention whose weights carry a bias by distance, `e^{b_{j−i}}` (Luo et al. 2021, arXiv 2106.12566): inputs and attributes as there, and
 * `bias` `[q_num_heads or 1, 2L − 1]`, whose middle is distance 0, L at least the tokens and the keys; no states. By
 * Fourier transforms where sequences are long and those take fewer loads, else direct sums.
 */
export const toeplitzAttention: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ToeplitzAttention',
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'V', kind: 'required' },
    { name: 'projection', kind: 'optional' },
    { name: 'bias', kind: 'required' },
  ],
  attributes: kernelAttributes,
  infer: (context) => {
    const { Q } = context.inputs;
    const { heads, valueSize } = kernelSizes(context);
    biasSizes(context, heads);
    const [batch, tokens] = Q!.shape as [number, number];
    return { Y: { dtype: Q!.dtype, shape: [batch, tokens, heads * valueSize] } };
  },
  expand: (node: Node<KernelAttributes>, context) => {
    if (elementMaps[node.attributes.feature_map]) return toeplitzByTransforms(node, context);
    const { projection: _, ...inputs } = node.inputs;
    const { q, k } = rowFeatures(node, node.attributes, node.attributes.causal === 0);
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
    const { Q, K, V, bias } = node.inputs;
    const { causal, normalize, epsilon, scale, feature_map: map } = node.attributes;
    const inferred = inferredContext(node, context);
    const { heads, keyHeads, features, valueSize } = kernelSizes(inferred);
    const [biasHeads, span] = biasSizes(inferred, heads);
    const [batch, tokens] = [dimensionOf(context, Q!, 0), dimensionOf(context, Q!, 1)];
    const keys = dimensionOf(context, K!, 1);
    const bindings = { q: Q!, k: K!, v: V!, bias: bias!, y: node.outputs.Y! };
    return {
      kernels: [toeplitzAttentionKernel],
      problem: {
        axes: {
          batch: context.planned(batch),
          tokens: context.planned(tokens),
          keys: context.planned(keys),
          heads,
          key_heads: keyHeads,
          key_size: features,
          value_size: valueSize,
          bias_heads: biasHeads,
          span,
        },
        dtypes: dtypesOf(context, bindings),
        options: { causal: causal === 1, normalize: normalize === 1 },
        scalars: { feature_scale: Math.sqrt(scale), epsilon },
        slots: { feature_map: elementMaps[map]! },
      },
      bindings,
      sizes: { batch, tokens, keys },
      flops: times(times(batch, times(tokens, keys)), 2 * heads * (features + valueSize)),
    };
  },
});

function biasSizes({ subject, inputs }: InferContext<unknown>, heads: number): readonly [number, number] {
  const bias = inputs.bias!;
  elementType(subject, 'bias', bias, floats);
  rank(subject, 'bias', bias, 2);
  const [rows, span] = numbersOf(subject, 'bias', bias.shape) as [number, number];
  if ((rows !== 1 && rows !== heads) || span % 2 === 0)
    throw badNode(
      subject,
      `'bias' has shape ${printShape(bias.shape)}`,
      `it must have 1 or ${heads} rows of an odd number of distances`,
    );
  return [rows, span];
}
