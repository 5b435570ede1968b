import { placesOf } from '../shape/places.ts';

/** What a function makes of all elements that differ along some axes alone, in the order of the other axes. For meanings. */
export function reduced(
  data: Float64Array,
  shape: readonly number[],
  axes: readonly number[],
  of: (values: readonly number[]) => number,
): Float64Array {
  const groups = new Map<string, number[]>();
  data.forEach((value, i) => {
    const key = placesOf(shape, i)
      .filter((_, axis) => !axes.includes(axis))
      .join();
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  });
  // Axes of no elements have results nevertheless.
  const count = shape.reduce((product, size, axis) => product * (axes.includes(axis) ? 1 : size), 1);
  if (groups.size === 0) return Float64Array.from({ length: count }, () => of([]));
  return Float64Array.from([...groups.values()], of);
}
