import { times } from '@tilewright/kernels';
import { fftForm } from '@tilewright/kernels/fft';
import {
  toeplitzRoots,
  toeplitzTransform as toeplitzTransformKernel,
} from '@tilewright/kernels/toeplitz-transform';
import { printShape } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { badNode, elementType, inferredContext, numbersOf, rank } from '../shapes.ts';
import {
  elementMaps,
  kernelAttributes,
  type KernelAttributes,
  kernelSizes,
} from './kernel-attention-sizes.ts';

interface Attributes extends KernelAttributes {
  readonly span: number;
}

const { causal: _causal, ...attributes } = kernelAttributes;

/**
 * ToeplitzAttention with the spectrum of the factors in place of biases, by Fourier transforms: `spectrum` f32 `[q_num_heads or 1, size, 2]`
 * is, over size, the transform with a positive exponent of what stands at `j − i + (span − 1)/2`. Feature maps are those of single elements.
 * Error relative to the largest term of a sequence; no plan for sizes with a prime above 7.
 */
export const toeplitzTransform: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ToeplitzTransform',
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'V', kind: 'required' },
    { name: 'spectrum', kind: 'required' },
  ],
  attributes: { ...attributes, span: { type: 'integer' } },
  infer: (context) => {
    const { Q } = context.inputs;
    const { heads, valueSize } = sizesOf(context);
    return { Y: { dtype: Q!.dtype, shape: [...Q!.shape.slice(0, 2), heads * valueSize] } };
  },
  lower: (node, context) => {
    const { Q, K, V, spectrum } = node.inputs;
    const { normalize, epsilon, scale, feature_map: map, span } = node.attributes;
    const { heads, keyHeads, features, valueSize, biasHeads, size } = sizesOf(inferredContext(node, context));
    const [batch, tokens] = [dimensionOf(context, Q!, 0), dimensionOf(context, Q!, 1)];
    const keys = dimensionOf(context, K!, 1);
    const entries = 2 * fftForm(size).entries;
    const floats = { q: Q!, k: K!, v: V!, y: node.outputs.Y! };
    return {
      kernels: [toeplitzTransformKernel],
      problem: {
        axes: {
          batch: context.planned(batch),
          tokens: context.planned(tokens),
          keys: context.planned(keys),
          heads,
          key_heads: keyHeads,
          features,
          value_size: valueSize,
          bias_heads: biasHeads,
          size,
          span,
          numbers: 2 * size,
          entries,
        },
        dtypes: dtypesOf(context, floats),
        options: { normalize: normalize === 1 },
        scalars: { feature_scale: Math.sqrt(scale), epsilon },
        slots: { feature_map: elementMaps[map]! },
      },
      bindings: {
        ...floats,
        spectrum: spectrum!,
        roots: context.arranged(`roots of ${size}`, [entries], () => toeplitzRoots(size)),
      },
      sizes: { batch, tokens, keys },
      flops: times(
        batch,
        10 * heads * features * Math.ceil((valueSize + 1) / 2) * size * Math.ceil(Math.log2(size) || 1),
      ),
    };
  },
});

function sizesOf(
  context: InferContext<Omit<Attributes, 'causal'>>,
): ReturnType<typeof kernelSizes> & { readonly biasHeads: number; readonly size: number } {
  const { subject, inputs, attributes } = context;
  const { feature_map: map, span } = attributes;
  if (!elementMaps[map]) throw badNode(subject, `its map is '${map}'`, 'maps of rows are nodes in front');
  const sizes = kernelSizes({ ...context, attributes: { ...attributes, causal: 0 } });
  const { spectrum } = inputs;
  elementType(subject, 'spectrum', spectrum!, ['f32']);
  rank(subject, 'spectrum', spectrum!, 3);
  const [biasHeads, size, parts] = numbersOf(subject, 'spectrum', spectrum!.shape) as [
    number,
    number,
    number,
  ];
  if ((biasHeads !== 1 && biasHeads !== sizes.heads) || parts !== 2)
    throw badNode(
      subject,
      `'spectrum' has shape ${printShape(spectrum!.shape)}`,
      `it must have 1 or ${sizes.heads} rows of complex numbers`,
    );
  if (!(span > 0 && span % 2 === 1))
    throw badNode(subject, `the attribute 'span' is ${span}`, 'it is an odd number');
  return { ...sizes, biasHeads, size };
}
