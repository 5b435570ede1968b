import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { transform } from '../fft/reference.ts';
import { fourierOf } from '../fourier.ts';
import { elu1Map, expMap } from '../../mixers/linear-attention/feature-maps.ts';
import { toeplitzRoots, toeplitzTransform } from './index.ts';
import { toeplitzTransformReference } from './reference.ts';

const sizes = (
  [batch, tokens, keys, heads, keyHeads, features, valueSize, biasHeads, size, span]: readonly number[],
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  ...rest,
  axes: {
    batch: batch!,
    tokens: tokens!,
    keys: keys!,
    heads: heads!,
    key_heads: keyHeads!,
    features: features!,
    value_size: valueSize!,
    bias_heads: biasHeads!,
    size: size!,
    span: span!,
    numbers: 2 * size!,
    entries: 2 * fourierOf(size!)!.entries,
  },
});
const elu1 = { slots: { feature_map: elu1Map } };

/** The spectrum of positive weights. */
const inputs: DrawInputs = ({ axes }, random) => {
  const size = axes.size!;
  const spectrum = new Float32Array(axes.bias_heads! * 2 * size);
  for (let row = 0; row < axes.bias_heads!; row++) {
    const weights = Array.from({ length: size }, () => [Math.exp(2 * random() - 1) / size, 0] as const);
    spectrum.set(transform(weights, -1, (value) => value).flat(), row * 2 * size);
  }
  return { spectrum, roots: toeplitzRoots(size) };
};

export const check: KernelCheck = {
  kernel: toeplitzTransform,
  reference: toeplitzTransformReference,
  cost: ({ axes }, bytes) => {
    const lines = axes.batch! * axes.heads! * axes.features! * Math.ceil((axes.value_size! + 1) / 2);
    return { bytes, flops: 10 * lines * axes.size! * Math.ceil(Math.log2(axes.size!)) };
  },
  cases: [
    sizes([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], elu1),
    sizes([2, 9, 7, 4, 2, 5, 3, 1, 18, 17], elu1),
    sizes([1, 17, 33, 2, 2, 4, 6, 2, 70, 65], elu1),
    sizes([1, 20, 20, 3, 1, 4, 7, 3, 40, 39], {
      slots: { feature_map: expMap },
      scalars: { feature_scale: 0.5 },
    }),
    sizes([2, 12, 12, 2, 2, 6, 4, 1, 24, 23], { options: { normalize: false } }),
    sizes([1, 1100, 1100, 1, 1, 2, 1, 1, 2240, 2199], elu1),
  ],
  workloads: [
    {
      ...sizes([1, 96, 96, 2, 2, 16, 15, 2, 192, 191], elu1),
      name: 'biased',
      model: 'NPRF, small',
      size: 'small',
    },
    {
      ...sizes([1, 4096, 4096, 12, 12, 64, 64, 12, 8192, 8191], elu1),
      name: 'biased',
      model: 'NPRF',
      size: 'large',
    },
  ],
  inputs,
  // Two transforms, as of fft, then a sum over features; relative to the largest term of a sequence.
  floor: ({ axes }) => 16 * (2 + Math.log2(axes.size!) + Math.sqrt(axes.features!)) * 2 ** -24,
  // A number of a line has a part in every other, and the two columns of a line are parts of one number.
  spreads: ['k', 'v', 'spectrum', 'roots'],
  skips: ['roots', 'spectrum'],
};
