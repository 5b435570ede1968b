/**
 * The known name that a wrong one most likely means; undefined where none is near. Case and separators do not count, a
 * slip (a letter more, less, other, or two swapped) is one edit, and an abbreviation counts as one more than what it spells.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[-_. ]/g, '');
  const wanted = plain(name);
  const most = Math.ceil(wanted.length / 3);
  // A name is never as many edits away as it has letters.
  let [best, fewest]: [string | undefined, number] = [undefined, Math.min(most + 1, wanted.length)];
  for (const candidate of known) {
    const edits = editsBetween(wanted, plain(candidate));
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** What an error proposes for an unknown name: the nearest known one, else `otherwise`. */
export function renameFix(name: string, known: Iterable<string>, otherwise = 'remove it'): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? otherwise : `write '${nearest}'`;
}

/** Edits that make `b` of `a` (optimal string alignment), or one more than those that make a beginning of `b`. */
function editsBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      row[j] = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
        swapped,
      );
    }
    [before, last] = [last, row];
  }
  return Math.min(last[b.length]!, 1 + Math.min(...last.slice(Math.min(3, a.length))));
}
