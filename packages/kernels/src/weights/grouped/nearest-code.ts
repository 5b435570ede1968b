// Which code of a table lies nearest, for tables in any order.

/**
 * The code whose number is nearest to a value; of two that are as near the larger number. Numbers that are not finite are no codes; of
 * two codes for one number, as zero may have, the first is taken.
 */
export function nearestIn(numbers: ArrayLike<number>): (value: number) => number {
  const list = Array.from(numbers, (number) => number + 0);
  const order = [...list.keys()]
    .filter((code) => Number.isFinite(list[code]) && list.indexOf(list[code]!) === code)
    .sort((a, b) => list[a]! - list[b]!);
  const middles = order.slice(1).map((code, i) => (list[code]! + list[order[i]!]!) / 2);
  return (value) => {
    let [low, high] = [0, middles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value >= middles[middle]!) low = middle + 1;
      else high = middle;
    }
    return order[low]!;
  };
}
