import type { Oracle } from '../../contract/check.ts';

export const cacheWriteReference: Oracle = ({ axes, options, inputs }) => {
  const { batch, outer, tokens, capacity, inner } = axes as Record<string, number>;
  const cache = (options.in_place ? inputs.cache! : inputs.past!).slice();
  for (let line = 0; line < batch! * outer!; line++)
    for (let token = 0; token < tokens!; token++) {
      const place = (options.starts ? inputs.starts![Math.floor(line / outer!)]! : 0) + token;
      const row = options.circular ? place % capacity! : place;
      if (row >= capacity!) continue;
      const from = (line * tokens! + token) * inner!;
      cache.set(inputs.update!.subarray(from, from + inner!), (line * capacity! + row) * inner!);
    }
  return { cache };
};
