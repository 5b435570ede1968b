// What lowerings ask of a graph's types.
import type { Extent, StorageType } from '@tilewright/kernels';
import { productOf } from '../extent/index.ts';
import type { LoweringContext } from '../ir.ts';
import { numbersOf } from './shapes.ts';

type Types = Pick<LoweringContext, 'values' | 'weights'>;

/** Storage types of the float values among bindings, for a Problem. */
export function dtypesOf(
  { values, weights }: Types,
  bindings: Readonly<Record<string, string>>,
): Record<string, StorageType> {
  const dtypes: Record<string, StorageType> = {};
  for (const [binding, value] of Object.entries(bindings)) {
    const { dtype } = values[value]!;
    if ((dtype === 'f16' || dtype === 'f32') && !weights[value]) dtypes[binding] = dtype;
  }
  return dtypes;
}

export const dimensionOf = ({ values }: Pick<Types, 'values'>, value: string, axis: number): Extent =>
  values[value]!.shape.at(axis)!;

/** The size of all axes but the last: rows, where kernels know rows and columns. */
export const rowsOf = (
  { values, extents }: Pick<LoweringContext, 'values' | 'extents'>,
  value: string,
): Extent => productOf(extents, ...values[value]!.shape.slice(0, -1));

/** A size that is a number wherever the operator is. Throws `bad-graph` where it is not. */
export const staticSize = ({ values }: Pick<Types, 'values'>, value: string, axis: number): number =>
  numbersOf(value, 'the value', [values[value]!.shape.at(axis)!])[0]!;

/** Bytes of an element of a float value. */
export const elementBytes = ({ values }: Pick<Types, 'values'>, value: string): number =>
  values[value]!.dtype === 'f16' ? 2 : 4;

/** The planned number of elements of some axes. */
export const plannedCount = (
  shape: readonly Extent[],
  { planned }: Pick<LoweringContext, 'planned'>,
): number => shape.reduce<number>((product, size) => product * planned(size), 1);
