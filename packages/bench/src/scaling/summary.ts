import type { ScalingRow } from './row.ts';

/** The attention that mixers are held against, all of which but few are causal. */
export const attentionCurve = 'causal';

/** How a curve grows, and from where on it is faster than causal flash-attention. */
export interface ScalingSummary {
  readonly curve: string;
  /** Of the logarithm of the time over that of the length, from 1,024 on, by least squares; null below two lengths. */
  readonly slope: number | null;
  /** null where attention was not measured with it. */
  readonly crossing: Crossing | null;
}

/** `at` is between measured lengths, or the shortest if it is faster there already; null where it never is. */
export interface Crossing {
  readonly at: number | null;
  readonly isShortest: boolean;
  /** Whether attention's time there is extrapolated. */
  readonly isExtrapolated: boolean;
}

const slopeFrom = 1024;

export const timeOf = (row: ScalingRow): number | null => row.timeMs?.p50 ?? row.extrapolatedMs;

/** A summary of each curve, in the order of the rows. */
export function summariseScaling(rows: readonly ScalingRow[]): readonly ScalingSummary[] {
  const of = (curve: string): readonly ScalingRow[] =>
    rows.filter((row) => row.curve === curve).sort((a, b) => a.keys - b.keys);
  const attention = of(attentionCurve);
  return [...new Set(rows.map(({ curve }) => curve))].map((curve) => ({
    curve,
    slope: slopeOf(of(curve)),
    crossing: rows.some((row) => row.curve === curve && row.family === 'mixer')
      ? crossingOf(of(curve), attention)
      : null,
  }));
}

function slopeOf(rows: readonly ScalingRow[]): number | null {
  const points = rows
    .filter(({ keys, timeMs }) => keys >= slopeFrom && timeMs !== null)
    .map(({ keys, timeMs }) => [Math.log(keys), Math.log(timeMs!.p50)] as const);
  if (points.length < 2) return null;
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([along]) => along), mean(([, up]) => up)];
  return mean((point) => (point[0] - x) * (point[1] - y)) / mean((point) => (point[0] - x) ** 2);
}

function crossingOf(rows: readonly ScalingRow[], attention: readonly ScalingRow[]): Crossing | null {
  const pairs = rows.flatMap((row) => {
    const beside = attention.find(({ keys }) => keys === row.keys);
    const [own, other] = [timeOf(row), beside ? timeOf(beside) : null];
    if (own === null || other === null) return [];
    const isExtrapolated = row.timeMs === null || beside!.timeMs === null;
    return [{ keys: row.keys, behind: Math.log(own / other), isExtrapolated }];
  });
  if (pairs.length === 0) return null;
  const index = pairs.findIndex(({ behind }) => behind <= 0);
  if (index === -1) return { at: null, isShortest: false, isExtrapolated: pairs.at(-1)!.isExtrapolated };
  const { keys, behind, isExtrapolated } = pairs[index]!;
  const before = pairs[index - 1];
  if (!before) return { at: keys, isShortest: true, isExtrapolated };
  const part = before.behind / (before.behind - behind);
  return { at: before.keys * (keys / before.keys) ** part, isShortest: false, isExtrapolated };
}
