import type { OperatorMeaning } from '../meaning.ts';
import { attendRows } from './attend-rows.ts';
import { cachedAttention } from './cached-attention.ts';

export const cachedAttentionMeaning: OperatorMeaning = {
  operator: cachedAttention,
  meaning: ({ attributes, has, value, shape }) => {
    const [rows, kvHeads, positions, size] = shape('cache') as [number, number, number, number];
    const { q_num_heads: heads, softcap, left_window_size: window } = attributes as Record<string, number>;
    const keySize = shape('Q')[2]! / heads!;
    const [cache, sequences] = [value('cache'), value('sequences')];
    const at = (row: number, head: number, position: number, channel: number): number =>
      cache[((row * kvHeads + head) * positions + position) * size + channel]!;
    const Y = attendRows({
      rows: Array.from({ length: rows }, (_, row) => {
        const [first, before, end] = [0, 1, 2].map((i) => sequences[2 * row + i]!) as [
          number,
          number,
          number,
        ];
        return { tokens: [first, end], length: before + end - first };
      }),
      heads: heads!,
      kvHeads,
      keySize,
      valueSize: size - keySize,
      positions,
      softcap: softcap!,
      window: window!,
      q: value('Q'),
      key: at,
      value: (row, head, position, channel) => at(row, head, position, keySize + channel),
      scale: attributes.scale as number | null,
      added: ['bias', 'mask'].filter(has).map(value),
    });
    return { Y };
  },
};
