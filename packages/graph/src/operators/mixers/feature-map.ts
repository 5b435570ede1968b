import { times } from '@tilewright/kernels';
import { featureMap as featureMapKernel } from '@tilewright/kernels/feature-map';
import {
  cosSinFeatures,
  type FeatureMap,
  positiveFeatures,
  softmaxFeatures,
  squareFeatures,
  taylor2Features,
} from '@tilewright/kernels/fillings';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, rank } from '../shapes.ts';
import { headCount, packedSize } from './packed-heads.ts';

interface Attributes {
  readonly heads: number;
  readonly map: string;
  readonly scale: number;
  readonly peak: string;
}

const maps: Readonly<Record<string, FeatureMap>> = {
  softmax: softmaxFeatures,
  cos_sin: cosSinFeatures,
  positive: positiveFeatures,
  taylor2: taylor2Features,
  square: squareFeatures,
};

/**
 * Features of the heads of packed rows by a map that sees a whole head: `x` `[batch, tokens, heads · size]` in f32 or f16, `projection`
 * `[1 or fewer heads, samples, size]`, `y` `[batch, tokens, heads · features]` in f32. `scale` multiplies x. The maps are KernelAttention's;
 * `peak` is what exponents are relative to: `zero`, the largest of the `row`, or that of all tokens of a `head`.
 */
export const featureMap: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'FeatureMap',
  // y = φ(scale · x), per head
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'projection', kind: 'optional' },
  ],
  attributes: {
    heads: { type: 'integer' },
    map: { type: 'string', choices: ['softmax', 'cos_sin', 'positive', 'taylor2', 'square'] },
    scale: { type: 'number', default: 1 },
    peak: { type: 'string', default: 'zero', choices: ['zero', 'row', 'head'] },
  },
  infer: (context) => {
    const { x } = context.inputs;
    const { features } = sizesOf(context);
    return { y: { dtype: 'f32', shape: [...x!.shape.slice(0, 2), context.attributes.heads * features] } };
  },
  lower: (node, context) => {
    const { x, projection } = node.inputs;
    const { heads, scale, peak } = node.attributes;
    const { map, size, features, samples, groups } = sizesOf(inferredContext(node, context));
    const [batch, tokens] = [dimensionOf(context, x!, 0), dimensionOf(context, x!, 1)];
    const bindings = { x: x!, ...(projection && { projection }), y: node.outputs.y! };
    return {
      kernels: [featureMapKernel],
      problem: {
        axes: {
          batch: context.planned(batch),
          tokens: context.planned(tokens),
          heads,
          size,
          features,
          scores: map.scores(size, samples),
          ...(map.projects && { maps: groups, samples }),
        },
        dtypes: dtypesOf(context, bindings),
        options: { peak, sums: map.sums, projects: map.projects },
        scalars: { scale },
        slots: { map: map.filling },
      },
      bindings,
      sizes: { batch, tokens },
      flops: times(times(batch, tokens), heads * features * (map.projects ? 2 * size : 1)),
    };
  },
});

function sizesOf(context: InferContext<Attributes>): {
  readonly map: FeatureMap;
  readonly size: number;
  readonly features: number;
  readonly samples: number;
  readonly groups: number;
} {
  const { subject, inputs, attributes } = context;
  const heads = headCount(subject, 'heads', attributes.heads);
  const map = maps[attributes.map]!;
  const size = packedSize(subject, 'x', inputs.x!, heads);
  const { projection } = inputs;
  if ((projection !== undefined) !== map.projects)
    throw badNode(
      subject,
      `its map is '${attributes.map}', ${projection ? 'with' : 'without'} 'projection'`,
      `this map ${map.projects ? 'needs' : 'does not read'} it`,
    );
  let [groups, samples] = [1, 1];
  if (projection) {
    elementType(subject, 'projection', projection, floats);
    rank(subject, 'projection', projection, 3);
    const [count, rows, columns] = numbersOf(subject, 'projection', projection.shape) as [
      number,
      number,
      number,
    ];
    if (columns !== size) throw badNode(subject, `'projection' is ${columns} wide`, `a head is ${size}`);
    if (heads % count !== 0)
      throw badNode(
        subject,
        `${heads} heads share ${count} projections`,
        'the first must be a multiple of the second',
      );
    [groups, samples] = [count, rows];
  }
  return { map, size, features: map.features(size, samples), samples, groups };
}
