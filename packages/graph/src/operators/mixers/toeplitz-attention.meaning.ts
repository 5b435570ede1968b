import type { OperatorMeaning } from '../meaning.ts';
import { kernelFeatures } from './kernel-features.ts';
import { headRow } from './linear-meaning.ts';
import { toeplitzAttention } from './toeplitz-attention.ts';

export const toeplitzAttentionMeaning: OperatorMeaning = {
  operator: toeplitzAttention,
  meaning: (context) => {
    const { attributes, value, shape } = context;
    const [heads, keyHeads] = [Number(attributes.q_num_heads), Number(attributes.kv_num_heads)];
    const [batch, tokens] = shape('Q') as [number, number];
    const [keys, valueSize] = [shape('K')[1]!, shape('V')[2]! / keyHeads];
    const [rows, span] = shape('bias') as [number, number];
    const { q, k, size } = kernelFeatures(context, attributes.causal === 1 ? 'zero' : 'head');
    const Y = new Float64Array(batch * tokens * heads * valueSize);
    for (let at = 0; at < batch * tokens * heads; at++) {
      const [head, token] = [at % heads, Math.floor(at / heads) % tokens];
      const b = Math.floor(at / heads / tokens);
      const key = Math.floor((head * keyHeads) / heads);
      const query = headRow(q, { tokens, heads, size }, b, token, head);
      const sums = new Float64Array(valueSize);
      let weights = 0;
      for (let other = 0; other < keys && !(attributes.causal === 1 && other > token); other++) {
        const row = headRow(k, { tokens: keys, heads: keyHeads, size }, b, other, key);
        const distance = other - token + (span - 1) / 2;
        const bias = value('bias')[Math.floor((head * rows) / heads) * span + distance]!;
        const weight = Math.exp(bias) * query.reduce((sum, each, i) => sum + each * row[i]!, 0);
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
    return { Y };
  },
};
