import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { featureMap } from './index.ts';
import {
  cosSinFeatures,
  type FeatureMap,
  positiveFeatures,
  softmaxFeatures,
  squareFeatures,
  taylor2Features,
} from './maps.ts';
import { featureMapReference } from './reference.ts';

/** A case of a map. */
export const mapCase = (
  map: FeatureMap,
  [batch, tokens, heads, size, samples = 1, maps = 1]: readonly number[],
  peak = 'zero',
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  ...rest,
  axes: {
    batch: batch!,
    tokens: tokens!,
    heads: heads!,
    size: size!,
    features: map.features(size!, samples),
    scores: map.scores(size!, samples),
    ...(map.projects && { maps, samples }),
  },
  options: { peak, sums: map.sums, projects: map.projects },
  slots: { map: map.filling },
});

export const check: KernelCheck = {
  kernel: featureMap,
  reference: featureMapReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: axes.batch! * axes.tokens! * axes.heads! * axes.features! * (axes.samples ? 2 * axes.size! : 1),
  }),
  cases: [
    mapCase(squareFeatures, [1, 1, 1, 1]),
    mapCase(squareFeatures, [2, 3, 2, 9]),
    mapCase(taylor2Features, [1, 5, 2, 7], 'zero', { scalars: { scale: 0.5 } }),
    mapCase(softmaxFeatures, [2, 7, 3, 67], 'row'),
    mapCase(cosSinFeatures, [1, 9, 4, 12, 10, 2], 'zero', { name: 'large angles', scale: { x: 30 } }),
    mapCase(positiveFeatures, [1, 7, 2, 8, 33, 1], 'row'),
    mapCase(positiveFeatures, [2, 19, 4, 8, 12, 2], 'head', { name: 'large keys', scale: { x: 6 } }),
    mapCase(positiveFeatures, [1, 5, 1, 8, 70, 1], 'zero', { scalars: { scale: 0.3 } }),
  ],
  workloads: [
    {
      ...mapCase(softmaxFeatures, [1, 128, 4, 32], 'row'),
      name: 'softmax features',
      model: 'efficient attention',
      size: 'small',
    },
    {
      ...mapCase(positiveFeatures, [1, 2048, 16, 64, 256, 1], 'row'),
      name: 'positive features',
      model: 'performer',
      size: 'large',
    },
  ],
  // Sums of `size` products in another order, as the exponent or the angle of a function: of 3 + 2|x| units in the last place.
  floor: ({ axes, scale, options }) =>
    (options?.projects ? 64 * (scale?.x ?? 1) ** 2 : 16) * Math.sqrt(axes.size!) * 2 ** -24,
};
