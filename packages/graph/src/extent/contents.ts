// Integer values whose elements are known while a graph is built: shapes that are gathered, cut and joined again.
import { type Extent, isTilewrightError } from '@tilewright/kernels';
import { extentSubject } from './polynomial.ts';

/**
 * The elements of an integer value, row-major: sizes, or numbers. ±Infinity stands for an integer beyond 2⁵³ (exporters write
 * the largest there is for "to the end"), which slices clamp and arithmetic refuses. Booleans are 0 and 1.
 */
export type Contents = readonly Extent[];

/** Values with more elements have no contents. */
export const mostContents = 64;

/** An integer value with its contents; all of its sizes are numbers. */
export interface KnownValue {
  readonly shape: readonly number[];
  readonly contents: Contents;
}

/** A value with known elements, if its sizes are numbers and as many as there are elements, and few. */
export function knownValue(shape: readonly Extent[], contents: Contents | undefined): KnownValue | undefined {
  if (!contents || contents.length > mostContents) return undefined;
  if (!shape.every((size): size is number => typeof size === 'number')) return undefined;
  return countOf(shape) === contents.length ? { shape, contents } : undefined;
}

/** The elements of stored integers. */
export function contentsOf(data: ArrayLike<number | bigint>): Contents | undefined {
  if (data.length > mostContents) return undefined;
  return Array.from(data, (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    return number < 0 ? -Infinity : Infinity;
  });
}

/** The numbers of contents without sizes that only a run knows; undefined where there is one, or one beyond all bounds. */
export function numbersOf(contents: Contents): readonly number[] | undefined {
  return contents.every((value): value is number => Number.isSafeInteger(value)) ? contents : undefined;
}

export const countOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Contents by a function that may find them too many, or a size too large to reckon with. */
export function folded(find: () => Contents | undefined): Contents | undefined {
  try {
    const contents = find();
    return contents && contents.length <= mostContents ? contents : undefined;
  } catch (error) {
    if (isTilewrightError(error) && error.subject === extentSubject) return undefined;
    throw error;
  }
}
