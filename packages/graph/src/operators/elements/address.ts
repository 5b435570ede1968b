// Addresses of elements in WGSL, by coordinates.
import type { Extent } from '@tilewright/kernels';
import type { ElementSource } from './map-request.ts';

/** The coordinates of a result as operands `i0`, `i1` and so on, and the sizes of a value as `n0`, `n1` and so on. */
export const coordinates = (rank: number): Readonly<Record<string, ElementSource>> =>
  Object.fromEntries(Array.from({ length: rank }, (_, axis) => [`i${axis}`, { axis }]));

export const sizesOf = (shape: readonly Extent[]): Readonly<Record<string, ElementSource>> =>
  Object.fromEntries(shape.map((size, axis) => [`n${axis}`, { number: size, type: 'u32' as const }]));

/** The element at some coordinates, each u32 in WGSL, of a value whose sizes are the operands of {@link sizesOf}. */
export const addressOf = (places: readonly string[]): string =>
  places.reduce(
    (address, place, axis) => (axis === 0 ? place : `((${address}) * n${axis} + ${place})`),
    '0u',
  );
