import type { OperatorMeaning } from '../meaning.ts';
import { cacheStore } from './cache-store.ts';

export const cacheStoreMeaning: OperatorMeaning = {
  operator: cacheStore,
  meaning: ({ value, shape }) => {
    const [rows, heads, capacity, size] = shape('past') as [number, number, number, number];
    const [present, update] = [value('past').slice(), value('update')];
    value('places').forEach((place, token) => {
      const sequence = rows > 1 ? Math.floor(place / capacity) : 0;
      for (let head = 0; head < heads; head++) {
        const from = (token * heads + head) * size;
        const line = (sequence * heads + head) * capacity + (place % capacity);
        present.set(update.subarray(from, from + size), line * size);
      }
    });
    return { present };
  },
};
