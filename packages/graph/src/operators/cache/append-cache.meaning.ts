import type { OperatorMeaning } from '../meaning.ts';
import { appendCache } from './append-cache.ts';

export const appendCacheMeaning: OperatorMeaning = {
  operator: appendCache,
  meaning: ({ value, shape }) => {
    const [rows, heads, positions, size] = shape('cache') as [number, number, number, number];
    const keySize = shape('K')[2]! / heads;
    const present = value('cache').slice();
    const [keys, values, sequences] = [value('K'), value('V'), value('sequences')];
    for (let row = 0; row < rows; row++)
      for (let token = sequences[2 * row]!; token < sequences[2 * row + 2]!; token++)
        for (let head = 0; head < heads; head++) {
          const position = sequences[2 * row + 1]! + token - sequences[2 * row]!;
          const at = ((row * heads + head) * positions + position) * size;
          const line = token * heads + head;
          present.set(keys.subarray(line * keySize, (line + 1) * keySize), at);
          present.set(values.subarray(line * (size - keySize), (line + 1) * (size - keySize)), at + keySize);
        }
    return { present };
  },
};
