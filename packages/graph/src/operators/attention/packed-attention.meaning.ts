import type { OperatorMeaning } from '../meaning.ts';
import { attendRows } from './attend-rows.ts';
import { packedAttention } from './packed-attention.ts';

export const packedAttentionMeaning: OperatorMeaning = {
  operator: packedAttention,
  meaning: ({ attributes, has, value, shape }) => {
    const [rows, kvHeads, positions, keySize] = shape('K') as [number, number, number, number];
    const valueSize = shape('V')[3]!;
    const { q_num_heads: heads, softcap, left_window_size: window } = attributes as Record<string, number>;
    const [keys, values] = [value('K'), value('V')];
    const tokens = shape('Q')[1]!;
    const line = (row: number, head: number, position: number): number =>
      (row * kvHeads + head) * positions + position;
    const Y = attendRows({
      rows: Array.from({ length: rows }, (_, row) => {
        if (has('lengths')) return { tokens: [0, tokens], length: value('lengths')[0]! };
        const [starts, keyStarts] = [value('starts'), value('key_starts')];
        return { tokens: [starts[row]!, starts[row + 1]!], length: keyStarts[row + 1]! - keyStarts[row]! };
      }),
      heads: heads!,
      kvHeads,
      keySize,
      valueSize,
      positions,
      softcap: softcap!,
      window: window!,
      q: value('Q'),
      key: (row, head, position, channel) => keys[line(row, head, position) * keySize + channel]!,
      value: (row, head, position, channel) => values[line(row, head, position) * valueSize + channel]!,
      scale: attributes.scale as number | null,
      added: ['bias', 'mask'].filter(has).map(value),
    });
    return { Y };
  },
};
