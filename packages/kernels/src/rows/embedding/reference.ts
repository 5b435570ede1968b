import type { Oracle } from '../../contract/check.ts';

export const embeddingReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { tokens, vocab, hidden } = axes as { tokens: number; vocab: number; hidden: number };
  const y = options.others === 'keep' ? inputs.y!.slice() : new Float64Array(tokens * hidden);
  const rowOf = (token: number): number => {
    if (options.indexed === 'table') return inputs.ids![token]! - Number(options.first_row);
    const slab = Number(options.slab_rows);
    const id = inputs.ids![token % axes.indices!]!;
    const row = id >= 2 ** 31 ? id - 2 ** 32 + slab : id;
    return row >= 0 && row < slab ? Math.floor(token / axes.indices!) * slab + row : -1;
  };
  for (let token = 0; token < tokens; token++) {
    const row = rowOf(token);
    if (row < 0 || row >= vocab) continue;
    for (let i = 0; i < hidden; i++)
      y[token * hidden + i] = round(inputs.table![row * hidden + i]! * scalars.scale!);
  }
  return { y };
};
