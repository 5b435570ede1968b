import type { Oracle } from '../../contract/check.ts';

export const cacheCompactReference: Oracle = ({ axes, options, inputs }) => {
  const { batch, outer, capacity, inner, kept_rows: width } = axes as Record<string, number>;
  const past = options.in_place ? inputs.cache! : inputs.past!;
  const cache = inputs.cache!.slice();
  for (let line = 0; line < batch! * outer!; line++) {
    const b = Math.floor(line / outer!);
    for (let place = 0; place < Math.min(inputs.counts![b]!, width!); place++) {
      const row = inputs.kept![b * width! + place]!;
      if (row >= capacity!) continue;
      const from = (line * capacity! + row) * inner!;
      cache.set(past.subarray(from, from + inner!), (line * capacity! + place) * inner!);
    }
  }
  return { cache };
};
