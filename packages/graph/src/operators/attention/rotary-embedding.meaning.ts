import type { OperatorMeaning } from '../meaning.ts';
import { rotaryEmbedding } from './rotary-embedding.ts';
import { rowsOf } from './plain-attention.ts';

export const rotaryEmbeddingMeaning: OperatorMeaning = {
  operator: rotaryEmbedding,
  meaning: ({ attributes, has, value, shape }) => {
    const x = value('X');
    const [cosine, sine] = [value('cos_cache'), value('sin_cache')];
    const rows = rowsOf({ shape: shape('X'), data: x.map((_, i) => i) }, Number(attributes.num_heads));
    const half = shape('cos_cache').at(-1)!;
    const Y = x.slice();
    for (let b = 0; b < rows.batch; b++)
      for (let h = 0; h < rows.heads; h++)
        for (let t = 0; t < rows.tokens; t++) {
          const token = b * rows.tokens + t;
          const line = (has('position_ids') ? value('position_ids')[token]! : token) * half;
          for (let i = 0; i < half; i++) {
            const [one, other] = attributes.interleaved === 1 ? [2 * i, 2 * i + 1] : [i, i + half];
            const [a, c] = [rows.at(b, h, t, one!), rows.at(b, h, t, other!)];
            Y[a] = x[a]! * cosine[line + i]! - x[c]! * sine[line + i]!;
            Y[c] = x[c]! * cosine[line + i]! + x[a]! * sine[line + i]!;
          }
        }
    return { Y };
  },
};
