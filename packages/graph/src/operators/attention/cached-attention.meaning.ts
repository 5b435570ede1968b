import type { OperatorMeaning } from '../meaning.ts';
import { cachedAttention } from './cached-attention.ts';

export const cachedAttentionMeaning: OperatorMeaning = {
  operator: cachedAttention,
  meaning: ({ attributes, value, shape }) => {
    const { heads, kvHeads } = attributes as Record<string, number>;
    const [, , capacity, size] = shape('key') as [number, number, number, number];
    const valueSize = shape('value')[3]!;
    const scale = typeof attributes.scale === 'number' ? attributes.scale : 1 / Math.sqrt(size);
    const [batch, tokens] = shape('q') as [number, number, number];
    const lengths = value('lengths');
    const [q, key, values] = [value('q'), value('key'), value('value')];
    const y = new Float64Array(batch * tokens * heads! * valueSize);
    for (let token = 0; token < batch * tokens; token++)
      for (let head = 0; head < heads!; head++) {
        const sequence = Math.floor(token / tokens);
        const kvHead = sequence * kvHeads! + Math.floor(head / (heads! / kvHeads!));
        const seen = (token % tokens) + lengths[sequence]! - tokens + 1;
        const scores = Float64Array.from({ length: Math.max(0, seen) }, (_, j) => {
          let dot = 0;
          for (let c = 0; c < size; c++)
            dot += q[(token * heads! + head) * size + c]! * key[(kvHead * capacity + j) * size + c]!;
          return dot * scale;
        });
        const largest = scores.reduce((most, each) => Math.max(most, each), -Infinity);
        const weights = scores.map((each) => Math.exp(each - largest));
        const total = weights.reduce((sum, each) => sum + each, 0);
        weights.forEach((weight, j) => {
          for (let c = 0; c < valueSize; c++)
            y[(token * heads! + head) * valueSize + c]! +=
              (weight / total) * values[(kvHead * capacity + j) * valueSize + c]!;
        });
      }
    return { y };
  },
};
