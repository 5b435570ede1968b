import type { Oracle } from '../../contract/check.ts';

const none = 0xffff_ffff;

export const listBlocksReference: Oracle = ({ axes, inputs, options }) => {
  const { rows, chosen, query_blocks: queryBlocks, key_blocks: keyBlocks } = axes as Record<string, number>;
  const blocks = queryBlocks! * keyBlocks!;
  const starts: number[] = [];
  const keys: number[] = [];
  const others = new Float64Array(rows! * blocks).fill(1);
  for (let row = 0; row < rows!; row++) {
    const numbers = inputs.ids!.slice(row * chosen!, (row + 1) * chosen!).sort();
    for (let query = 0; query < queryBlocks!; query++)
      starts.push(keys.length + numbers.filter((number) => number < query * keyBlocks!).length);
    for (const number of numbers) {
      keys.push(number < blocks ? number % keyBlocks! : none);
      if (number < blocks) others[row * blocks + number] = 0;
    }
  }
  starts.push(keys.length);
  return {
    block_starts: Float64Array.from(starts),
    block_keys: Float64Array.from(keys),
    ...(options.others === true && { others }),
  };
};
