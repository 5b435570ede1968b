import type { OperatorMeaning } from '../meaning.ts';
import { gridMemory } from './grid-memory.ts';

export const gridMemoryMeaning: OperatorMeaning = {
  operator: gridMemory,
  meaning: ({ attributes, value, shape }) => {
    const heads = attributes.heads as number;
    const [batch, rows, columns, width] = shape('q') as [number, number, number, number];
    const [keys, values] = [width / heads, shape('v')[3]! / heads];
    const y = new Float64Array(batch * rows * columns * heads * values);
    const empty = (): Float64Array => new Float64Array(keys * values);
    for (let row = 0; row < batch; row++)
      for (let head = 0; head < heads; head++) {
        const down = Array.from({ length: columns }, empty);
        for (let i = 0; i < rows; i++) {
          let right = empty();
          for (let j = 0; j < columns; j++) {
            const at = attributes.reverse_rows === 1 ? rows - 1 - i : i;
            const place = attributes.reverse_columns === 1 ? columns - 1 - j : j;
            const node = (row * rows + at) * columns + place;
            const gate = (role: string, count: number, which: number): number =>
              value(role)[(node * count + which) * heads + head]!;
            const [R, D] = [right, down[j]!];
            const written = R.map(
              (_, c) =>
                value('k')[(node * heads + head) * keys + Math.floor(c / values)]! *
                value('v')[(node * heads + head) * values + (c % values)]!,
            );
            R.forEach((each, c) => {
              y[(node * heads + head) * values + (c % values)]! +=
                (attributes.scale as number) *
                value('q')[(node * heads + head) * keys + Math.floor(c / values)]! *
                (gate('marks', 2, 0) * each + gate('marks', 2, 1) * D[c]!);
            });
            const goes = (from: number, fromDown: number, source: number): Float64Array =>
              R.map(
                (each, c) =>
                  gate('transitions', 4, from) * each +
                  gate('transitions', 4, fromDown) * D[c]! +
                  gate('sources', 2, source) * written[c]!,
              );
            [right, down[j]] = [goes(0, 2, 0), goes(1, 3, 1)];
          }
        }
      }
    return { y };
  },
};
