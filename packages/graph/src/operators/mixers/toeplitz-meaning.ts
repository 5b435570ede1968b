// Attention whose weights have a factor by distance, as sums: what its two operators mean.
import type { MeaningContext } from '../meaning.ts';
import { kernelFeatures } from './kernel-features.ts';
import { headRow } from './linear-meaning.ts';

/** Y; `factor` is that of a key for a token of a head. */
export function toeplitzSums(
  context: MeaningContext,
  keyPeak: string,
  factor: (head: number, token: number, other: number) => number,
): Float64Array {
  const { attributes, shape, value } = context;
  const [heads, keyHeads] = [Number(attributes.q_num_heads), Number(attributes.kv_num_heads)];
  const [batch, tokens] = shape('Q') as [number, number];
  const [keys, valueSize] = [shape('K')[1]!, shape('V')[2]! / keyHeads];
  const { q, k, size } = kernelFeatures(context, keyPeak);
  const Y = new Float64Array(batch * tokens * heads * valueSize);
  for (let at = 0; at < batch * tokens * heads; at++) {
    const [head, token] = [at % heads, Math.floor(at / heads) % tokens];
    const b = Math.floor(at / heads / tokens);
    const key = Math.floor((head * keyHeads) / heads);
    const query = headRow(q, { tokens, heads, size }, b, token, head);
    const sums = new Float64Array(valueSize);
    let weights = 0;
    for (let other = 0; other < keys; other++) {
      const row = headRow(k, { tokens: keys, heads: keyHeads, size }, b, other, key);
      const weight = factor(head, token, other) * query.reduce((sum, each, i) => sum + each * row[i]!, 0);
      const v = headRow(value('V'), { tokens: keys, heads: keyHeads, size: valueSize }, b, other, key);
      v.forEach((each, j) => (sums[j]! += weight * each));
      weights += weight;
    }
    const bound = attributes.normalize === 1 ? weights + Number(attributes.epsilon) : 1;
    Y.set(
      sums.map((sum) => sum / bound),
      at * valueSize,
    );
  }
  return Y;
}
