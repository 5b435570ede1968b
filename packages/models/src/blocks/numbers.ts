import type { WeightExpression } from '@tilewright/graph';
import { packF32, unpackDense } from '@tilewright/kernels/weights/dense';
import type { Axis } from '../architectures/architecture.ts';
import type { ModelBuilder } from './model-builder.ts';

/** A weight that no product reads, in f32: each number made by `make` of the one that is stored; default that number. `unit`: the one that makes 1, of a gain. */
export const numbers = (
  m: ModelBuilder,
  name: string,
  axes: readonly Axis[],
  make: (value: number) => number = (value) => value,
  unit?: number,
): string => m.weight(name, axes, undefined, madeNumbers(name, make, unit));

/** How such a weight is made of the one that is stored as `name`. */
export const madeNumbers = (
  name: string,
  make: (value: number) => number = (value) => value,
  unit?: number,
): WeightExpression => ({
  kind: 'made',
  of: { kind: 'stored', name },
  make: (tensor) => packF32(unpackDense(tensor).map(make), tensor.shape),
  ...(unit !== undefined && { unit }),
});
