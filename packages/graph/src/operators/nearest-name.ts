/** The known name that takes the fewest changed letters, if few enough that a slip explains it. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let [nearest, fewest]: [string | undefined, number] = [
    undefined,
    Math.max(2, Math.floor(name.length / 3)) + 1,
  ];
  for (const candidate of known) {
    const changes = changesBetween(name.toLowerCase(), candidate.toLowerCase());
    if (changes < fewest) [nearest, fewest] = [candidate, changes];
  }
  return nearest;
}

/** Letters to insert, delete or replace (Levenshtein). */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
