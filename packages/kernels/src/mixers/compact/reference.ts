import type { Oracle } from '../../contract/check.ts';

export const compactReference: Oracle = ({ axes, inputs }) => {
  const { batch, tokens } = axes as { batch: number; tokens: number };
  const rows = Array.from({ length: batch }, (_, row) => {
    const places = Array.from({ length: tokens }, (_, token) => token);
    const isKept = (token: number): boolean => inputs.keep![row * tokens + token] !== 0;
    const kept = places.filter(isKept);
    return { ids: [...kept, ...places.filter((token) => !isKept(token)).toReversed()], count: kept.length };
  });
  return {
    ids: Float64Array.from(rows.flatMap(({ ids }) => ids)),
    counts: Float64Array.from(rows, ({ count }) => count),
  };
};
