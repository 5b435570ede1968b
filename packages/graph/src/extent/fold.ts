// What operators do to contents, one function for each kind: they take known values and return the elements of the result,
// or undefined where these depend on what only a run knows. Shapes and attributes were checked by `infer`.
import type { Extent } from '@tilewright/kernels';
import type { ExtentAlgebra } from './algebra.ts';
import { isEqual, negate, type Pairwise } from './pairwise.ts';
import { type Contents, countOf, folded, type KnownValue, mostContents, numbersOf } from './contents.ts';

/** `Shape`: the sizes of the axes from `start` to before `end`, both clamped. */
export const foldShape = (
  shape: readonly Extent[],
  { start = 0, end = shape.length }: { readonly start?: number; readonly end?: number } = {},
): Contents => shape.slice(start, end);

/** `Size`: how many elements there are. */
export const foldSize = (sizes: ExtentAlgebra, shape: readonly Extent[]): Contents | undefined =>
  folded(() => [sizes.product(...shape)]);

/** `Identity`, `Reshape`, `Squeeze`, `Unsqueeze`, `Flatten`, and casts among integers that hold every element. */
export const foldUnchanged = ({ contents }: KnownValue): Contents => contents;

/** `Cast` to bool: 1 where an element is never 0. */
export const foldTruth = (sizes: ExtentAlgebra, { contents }: KnownValue): Contents | undefined =>
  decided(contents, (value) => negate(isEqual(sizes, value, 0)));

/** `Concat` along an axis. */
export function foldConcat(parts: readonly KnownValue[], axis: number): Contents {
  const inner = parts.map(({ shape }) => countOf(shape.slice(axis)));
  const outer = countOf(parts[0]!.shape.slice(0, axis));
  return Array.from({ length: outer }, (_, i) =>
    parts.flatMap(({ contents }, p) => contents.slice(i * inner[p]!, (i + 1) * inner[p]!)),
  ).flat();
}

/** `Gather`: slices along an axis, by indices that may count from the end. */
export function foldGather(data: KnownValue, indices: KnownValue, axis: number): Contents | undefined {
  const numbers = numbersOf(indices.contents);
  const length = data.shape[axis]!;
  if (!numbers?.every((index) => index >= -length && index < length)) return undefined;
  const inner = countOf(data.shape.slice(axis + 1));
  const outer = countOf(data.shape.slice(0, axis));
  if (outer * numbers.length * inner > mostContents) return undefined;
  return Array.from({ length: outer }, (_, i) =>
    numbers.flatMap((index) => {
      const row = i * length + (index < 0 ? index + length : index);
      return data.contents.slice(row * inner, (row + 1) * inner);
    }),
  ).flat();
}

/** One axis of a `Slice`, as ONNX has it: ends are clamped, negative numbers count from the end of the axis. */
export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The places along an axis of `length` that a range takes. */
export function slicePlaces({ start, end, step }: SliceRange, length: number): readonly number[] {
  const from = (place: number): number => (place < 0 ? place + length : place);
  const clamp = (place: number, low: number, high: number): number => Math.min(Math.max(place, low), high);
  const places: number[] = [];
  if (step > 0) {
    const last = clamp(from(end), 0, length);
    for (let i = clamp(from(start), 0, length); i < last; i += step) places.push(i);
  } else {
    const last = clamp(from(end), -1, length - 1);
    for (let i = clamp(from(start), -1, length - 1); i > last; i += step) places.push(i);
  }
  return places;
}

/** `Slice` along some axes, each named once. */
export function foldSlice(data: KnownValue, ranges: readonly SliceRange[]): Contents {
  let { shape, contents } = data;
  for (const range of ranges) {
    const places = slicePlaces(range, shape[range.axis]!);
    contents = foldGather({ shape, contents }, { shape: [places.length], contents: places }, range.axis)!;
    shape = shape.with(range.axis, places.length);
  }
  return contents;
}

/** `Add`, `Mul`, `Min`, `Equal` and their like, broadcast from the last axis on. */
export function foldPairwise(
  sizes: ExtentAlgebra,
  operation: Pairwise,
  a: KnownValue,
  b: KnownValue,
): Contents | undefined {
  const [left, right] = spread([a, b]) ?? [];
  if (!left || !right) return undefined;
  return decided(left, (value, i) =>
    isFinite(value) && isFinite(right[i]!) ? operation(sizes, value, right[i]!) : undefined,
  );
}

/** `Neg`. */
export const foldNegate = (sizes: ExtentAlgebra, { contents }: KnownValue): Contents | undefined =>
  decided(contents, (value) => (isFinite(value) ? sizes.product(-1, value) : undefined));

/** `Where`: of each place, the element that the condition chooses. */
export function foldWhere(
  sizes: ExtentAlgebra,
  condition: KnownValue,
  a: KnownValue,
  b: KnownValue,
): Contents | undefined {
  const [chosen, left, right] = spread([condition, a, b]) ?? [];
  if (!chosen || !left || !right) return undefined;
  return decided(chosen, (value, i) => {
    const equalsZero = isEqual(sizes, value, 0);
    if (equalsZero !== undefined) return equalsZero === 1 ? right[i] : left[i];
    return sizes.equal(left[i]!, right[i]!) === 'yes' ? left[i] : undefined;
  });
}

/** `Range` from `start` to before `limit`. */
export function foldRange(start: KnownValue, limit: KnownValue, delta: KnownValue): Contents | undefined {
  const numbers = numbersOf([start, limit, delta].map(({ contents }) => contents[0]!));
  if (!numbers || numbers[2] === 0) return undefined;
  const [first, end, step] = numbers as [number, number, number];
  const count = Math.max(0, Math.ceil((end - first) / step));
  return count > mostContents ? undefined : Array.from({ length: count }, (_, i) => first + i * step);
}

/** `ConstantOfShape` and `Expand` of one element: it, as often as the shape says. */
export function foldConstantOfShape(shape: KnownValue, value: Extent): Contents | undefined {
  const numbers = numbersOf(shape.contents);
  if (!numbers || numbers.some((size) => size < 0)) return undefined;
  const count = countOf(numbers);
  return count > mostContents ? undefined : Array.from({ length: count }, () => value);
}

/** `ReduceProd`, `ReduceSum`, `ReduceMin`, `ReduceMax` over some axes: the elements, kept axes in their order. */
export function foldReduce(
  sizes: ExtentAlgebra,
  operation: Pairwise,
  { shape, contents }: KnownValue,
  axes: readonly number[],
): Contents | undefined {
  const groups = new Map<string, Extent[]>();
  contents.forEach((value, i) => {
    const key = placesOf(shape, i)
      .filter((_, axis) => !axes.includes(axis))
      .join();
    groups.set(key, [...(groups.get(key) ?? []), value]);
  });
  return decided([...groups.values()], ([first, ...others]) =>
    others.reduce<Extent | undefined>(
      (left, right) => (left !== undefined && isFinite(right) ? operation(sizes, left, right) : undefined),
      isFinite(first!) ? first : undefined,
    ),
  );
}

const isFinite = (value: Extent): boolean => typeof value !== 'number' || Number.isFinite(value);

/** Each element by a function; undefined where it is so of any. */
function decided<T>(
  values: readonly T[],
  decide: (value: T, index: number) => Extent | undefined,
): Contents | undefined {
  return folded(() => {
    const results = values.map(decide);
    return results.every((value): value is Extent => value !== undefined) ? results : undefined;
  });
}

const placesOf = (shape: readonly number[], index: number): readonly number[] => {
  const places: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    places.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return places;
};

/** The elements of some values, each repeated over what they broadcast to. */
function spread(values: readonly KnownValue[]): readonly Contents[] | undefined {
  const rank = Math.max(...values.map(({ shape }) => shape.length));
  const aligned = values.map(({ shape }) => [
    ...Array.from({ length: rank - shape.length }, () => 1),
    ...shape,
  ]);
  const shape = Array.from(
    { length: rank },
    (_, axis) => aligned.map((sizes) => sizes[axis]!).find((size) => size !== 1) ?? 1,
  );
  const count = countOf(shape);
  if (count > mostContents) return undefined;
  return values.map(({ contents }, v) =>
    Array.from({ length: count }, (_, i) => {
      const index = placesOf(shape, i).reduce(
        (place, at, axis) => place * aligned[v]![axis]! + (aligned[v]![axis] === 1 ? 0 : at),
        0,
      );
      return contents[index]!;
    }),
  );
}
