// What lowerings ask of a graph's types.
import type { StorageType } from '@tilewright/kernels';
import type { Dimension, LoweringContext } from '../ir.ts';

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

export const dimensionOf = ({ values }: Pick<Types, 'values'>, value: string, axis: number): Dimension =>
  values[value]!.shape.at(axis)!;

export const staticSize = (types: Pick<Types, 'values'>, value: string, axis: number): number =>
  Number(dimensionOf(types, value, axis));

/** Bytes of an element of a float value. */
export const elementBytes = ({ values }: Pick<Types, 'values'>, value: string): number =>
  values[value]!.dtype === 'f16' ? 2 : 4;

/** The planned number of elements of some axes. */
export const plannedCount = (
  shape: readonly Dimension[],
  { planned }: Pick<LoweringContext, 'planned'>,
): number => shape.reduce<number>((product, size) => product * planned(size), 1);
