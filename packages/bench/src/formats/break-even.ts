import type { BreakEven } from '@tilewright/graph/dense-above';
import type { FormatRow } from './row.ts';

/**
 * Break-even densities by formats and rows that were measured at two densities or more: the time of a sparse product, as a part of the
 * dense one's, is taken for a straight line through the least and the greatest of them. Others are left out.
 */
export function breakEvens(rows: readonly FormatRow[]): readonly BreakEven[] {
  const groups = new Map<string, FormatRow[]>();
  for (const row of rows)
    if (row.density < 1 && row.speedup !== null) {
      const key = JSON.stringify([row.environment.adapter, row.formatId, row.m, row.n, row.k]);
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
  return [...groups.values()].flatMap((group) => {
    const sorted = [...group].sort((a, b) => a.density - b.density);
    const [first, last] = [sorted[0]!, sorted.at(-1)!];
    if (first.density === last.density) return [];
    const slope = (1 / last.speedup! - 1 / first.speedup!) / (last.density - first.density);
    const crossing = first.density + (1 - 1 / first.speedup!) / slope;
    // Times that do not grow with the density say only which is faster where they were taken.
    const density = slope > 0 ? Math.min(1, Math.max(0, crossing)) : Number(last.speedup! >= 1);
    return [{ adapter: first.environment.adapter, format: first.formatId, rows: first.m, density }];
  });
}
