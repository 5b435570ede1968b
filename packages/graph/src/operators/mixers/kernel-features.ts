// Features of queries and keys in f64: what the meanings of kernelized attention have in common.
import type { MeaningContext } from '../meaning.ts';
import { featureMapMeaning } from './feature-map.meaning.ts';

const elementMaps: Readonly<Record<string, (x: number) => number>> = {
  identity: (x) => x,
  elu1: (x) => (x > 0 ? x + 1 : Math.exp(x)),
  relu: (x) => Math.max(x, 0),
  squared_relu: (x) => Math.max(x, 0) ** 2,
  exp: (x) => Math.exp(x),
};

/** With exponents of positive keys that are absolute (`zero`), or relative to the largest of all tokens of a `head`. */
export function kernelFeatures(
  context: MeaningContext,
  keyPeak: string,
): { readonly q: Float64Array; readonly k: Float64Array; readonly size: number } {
  const { attributes, value, shape } = context;
  const [heads, keyHeads] = [Number(attributes.q_num_heads), Number(attributes.kv_num_heads)];
  const map = String(attributes.feature_map);
  const scale = Math.sqrt(Number(attributes.scale));
  const peaks: Readonly<Record<string, readonly [string, string]>> = {
    softmax: ['row', 'row'],
    positive: attributes.normalize === 1 ? ['row', keyPeak] : ['zero', 'zero'],
  };
  const features = (role: 'Q' | 'K', count: number): Float64Array => {
    const element = elementMaps[map];
    if (element) return value(role).map((x) => element(scale * x));
    const [q, k] = peaks[map] ?? ['zero', 'zero'];
    return featureMapMeaning.meaning({
      ...context,
      attributes: { heads: count, map, scale, peak: role === 'Q' ? q : k },
      value: (other) => value(other === 'x' ? role : other),
      shape: (other) => shape(other === 'x' ? role : other),
    }).y!;
  };
  const [q, k] = [features('Q', heads), features('K', keyHeads)];
  const size = k.length / (shape('K')[0]! * shape('K')[1]! * keyHeads);
  return { q, k, size };
}
