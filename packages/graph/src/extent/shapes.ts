// Shapes made of shapes: what must be equal for that, and whether it is known.
import type { Extent } from '@tilewright/kernels';
import { divides, fixedSize, isEqual, productOf, quotientOf } from './decide.ts';
import { floorDivide } from './quotient.ts';
import type { ExtentScope } from './scope.ts';

/** Two sizes that must be equal in a run, since nothing known now decides it. */
export type Undecided = readonly [Extent, Extent];

export interface DerivedShape {
  readonly shape: readonly Extent[];
  readonly undecided: readonly Undecided[];
}

/** Why there is no such shape: the sizes that are never what they must be. */
export interface Contradiction {
  readonly contradiction: Undecided;
}

/**
 * The shape that some shapes broadcast to: aligned at the right, each size 1 or the same. A size that may be 1 counts as 1 only
 * where it always is.
 */
export function broadcastShapes(
  scope: ExtentScope,
  shapes: readonly (readonly Extent[])[],
): DerivedShape | Contradiction {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const undecided: Undecided[] = [];
  const result: Extent[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size: Extent = 1;
    for (const shape of shapes) {
      const other = shape[axis - rank + shape.length] ?? 1;
      if (fixedSize(scope, other) === 1) continue;
      if (size === 1) {
        size = other;
        continue;
      }
      const equal = isEqual(scope, size, other);
      if (equal === 'no') return { contradiction: [size, other] };
      if (equal === 'undecided') undecided.push([size, other]);
      // A number says more than a symbol that must equal it.
      if (typeof other === 'number') size = other;
    }
    result.push(size);
  }
  return { shape: result, undecided };
}

/**
 * The shape of a `Reshape` of `from` to `target`, in which −1 stands once for what is left, and 0 for the size at the same place
 * (unless `allowZero`). −1 needs a quotient that is exact for all sizes.
 */
export function reshapedShape(
  scope: ExtentScope,
  from: readonly Extent[],
  target: readonly Extent[],
  { allowZero = false }: { readonly allowZero?: boolean } = {},
): DerivedShape | Contradiction {
  const shape = target.map((size, axis) => (size === 0 && !allowZero ? (from[axis] ?? 0) : size));
  const open = shape.indexOf(-1);
  const count = productOf(scope, ...from);
  const others = productOf(scope, ...shape.filter((_, axis) => axis !== open));
  if (open < 0) {
    const equal = isEqual(scope, count, others);
    if (equal === 'no') return { contradiction: [count, others] };
    return { shape, undecided: equal === 'yes' ? [] : [[count, others]] };
  }
  const left = quotientOf(scope, count, others);
  if (left !== undefined) return { shape: shape.with(open, left), undecided: [] };
  const divisor = fixedSize(scope, others);
  if (divisor === undefined || divisor <= 0 || divides(scope, divisor, count) === 'no')
    return { contradiction: [count, others] };
  // Exact only if a run makes it so.
  const rounded = scope.extentOf(floorDivide(scope.polynomialOf(count), divisor));
  return { shape: shape.with(open, rounded), undecided: [[count, productOf(scope, rounded, divisor)]] };
}
