/** How many numbers a search looks at in all. */
const work = 2 ** 27;

/**
 * An order of columns in which keeping the `n` largest of each `m` neighbours keeps much of `scores`, rows of `columns` numbers: random swaps of
 * two columns of different groups are kept where it grows. Never keeps less than the order there is; the same from run to run.
 */
export function orderForGroups(
  scores: readonly Float64Array[],
  columns: number,
  n: number,
  m: number,
): number[] {
  const order = Array.from({ length: columns }, (_, c) => c);
  const groups = Math.ceil(columns / m);
  if (groups < 2 || scores.length === 0) return order;
  // By column, so that a group's numbers lie together.
  const byColumn = order.map((c) => Float64Array.from(scores, (row) => row[c]!));
  const best = new Float64Array(n);
  /** What a group keeps with `other` in the place of its member at `place`. */
  const keptOf = (group: number, place: number, other: number): number => {
    const start = group * m;
    const end = Math.min(columns, start + m);
    let sum = 0;
    for (let row = 0; row < scores.length; row++) {
      best.fill(0);
      for (let at = start; at < end; at++) {
        let value = byColumn[at === place ? other : order[at]!]![row]!;
        for (let i = 0; i < n; i++)
          if (value > best[i]!) {
            const smaller = best[i]!;
            best[i] = value;
            value = smaller;
          }
      }
      for (let i = 0; i < n; i++) sum += best[i]!;
    }
    return sum;
  };
  const kept = Float64Array.from({ length: groups }, (_, group) => keptOf(group, -1, -1));
  let bits = 1;
  const below = (limit: number): number => {
    bits = (Math.imul(bits, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((bits / 2 ** 32) * limit);
  };
  const tries = Math.min(columns * columns, Math.floor(work / (2 * m * scores.length)));
  for (let i = 0; i < tries; i++) {
    const [a, b] = [below(columns), below(columns)];
    const [g, h] = [Math.floor(a / m), Math.floor(b / m)];
    if (g === h) continue;
    const [columnA, columnB] = [order[a]!, order[b]!];
    const [keptG, keptH] = [keptOf(g, a, columnB), keptOf(h, b, columnA)];
    if (keptG + keptH <= kept[g]! + kept[h]!) continue;
    [order[a], order[b]] = [columnB, columnA];
    [kept[g], kept[h]] = [keptG, keptH];
  }
  return order;
}
