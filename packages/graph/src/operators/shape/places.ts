/** The place along each axis of element `i` of a shape. For meanings. */
export function placesOf(shape: readonly number[], i: number): readonly number[] {
  let rest = i;
  return shape
    .toReversed()
    .map((size) => {
      const place = rest % size;
      rest = Math.floor(rest / size);
      return place;
    })
    .toReversed();
}

/** The element at these places. For meanings. */
export const elementAt = (shape: readonly number[], places: readonly number[]): number =>
  shape.reduce((element, size, axis) => element * size + places[axis]!, 0);

export const countOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);
