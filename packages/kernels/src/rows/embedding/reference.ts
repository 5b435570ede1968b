import type { Oracle } from '../../contract/check.ts';

export const embeddingReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { tokens, vocab, hidden } = axes as { tokens: number; vocab: number; hidden: number };
  const y = options.others === 'keep' ? inputs.y!.slice() : new Float64Array(tokens * hidden);
  for (let token = 0; token < tokens; token++) {
    const row = inputs.ids![token]! - Number(options.first_row);
    if (row < 0 || row >= vocab) continue;
    for (let i = 0; i < hidden; i++)
      y[token * hidden + i] = round(inputs.table![row * hidden + i]! * scalars.scale!);
  }
  return { y };
};
