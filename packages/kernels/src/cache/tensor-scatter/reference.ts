import type { Oracle } from '../../contract/check.ts';

export const tensorScatterReference: Oracle = ({ axes, inputs }) => {
  const { tokens, batch, kv_heads: heads, capacity, head_size: size } = axes as Record<string, number>;
  const { update, positions } = inputs as { update: Float64Array; positions: Float64Array };
  const cache = inputs.cache!.slice();
  for (let token = 0; token < tokens!; token++) {
    const row = positions[2 * token + 1]!;
    if (row >= batch! * capacity!) continue;
    for (let head = 0; head < heads!; head++) {
      const from = (token * heads! + head) * size!;
      const cacheRow = (Math.floor(row / capacity!) * heads! + head) * capacity! + (row % capacity!);
      cache.set(update.subarray(from, from + size!), cacheRow * size!);
    }
  }
  return { cache };
};
