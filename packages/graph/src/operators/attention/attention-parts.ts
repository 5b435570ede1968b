import type { MeaningContext } from '../meaning.ts';
import { plainAttention, type PlainAttended, type PlainTensor } from './plain-attention.ts';

/** What Attention or a part of it gives, of the inputs that the node has. For meanings. */
export function attended({ attributes, has, value, shape, type }: MeaningContext): PlainAttended {
  const tensor = (role: string): PlainTensor => ({
    shape: shape(role),
    data: value(role),
  });
  const numbers = Object.entries(attributes).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  const { past_tokens: pastTokens, ...others } = Object.fromEntries(numbers);
  return plainAttention({
    q: tensor('Q'),
    k: tensor('K'),
    // Scores alone need no values.
    v: tensor(has('V') ? 'V' : 'K'),
    ...(has('attn_mask') && {
      mask: {
        ...tensor('attn_mask'),
        boolean: type('attn_mask').dtype === 'u32',
      },
    }),
    ...(has('past_key') && {
      pastKey: tensor('past_key'),
      pastValue: tensor('past_value'),
    }),
    ...(has('nonpad_kv_seqlen') && { lengths: value('nonpad_kv_seqlen') }),
    ...(pastTokens !== undefined && { pastTokens }),
    attributes: others,
  });
}
