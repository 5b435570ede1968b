// Where the elements of a value lie: the order of the digits of its axes in memory, and what can be said of it.
import type { Extent } from '@tilewright/kernels';
import { type ExtentScope, isEqual, productOf, quotientOf, sumOf } from '../extent/index.ts';
import type { View, ViewDigit } from '../ir.ts';

/** A value of `shape`, row-major. */
export function rowMajor(scope: ExtentScope, root: string, shape: readonly Extent[]): View {
  let stride: Extent = 1;
  const axes = shape.toReversed().map((size) => {
    const digit = { size, stride };
    stride = productOf(scope, stride, size);
    return [digit];
  });
  return { root, offset: 0, axes: axes.toReversed() };
}

/** Digits of all axes, outermost first, without those of one place; neighbours that are one step apart are joined. */
export function joinedDigits(scope: ExtentScope, digits: readonly ViewDigit[]): readonly ViewDigit[] {
  const joined: ViewDigit[] = [];
  for (const digit of digits) {
    if (digit.size === 1) continue;
    const outer = joined.at(-1);
    const span = productOf(scope, digit.size, digit.stride);
    if (outer && isEqual(scope, outer.stride, span) === 'yes')
      joined[joined.length - 1] = { size: productOf(scope, outer.size, digit.size), stride: digit.stride };
    else joined.push(digit);
  }
  return joined;
}

/** Whether the elements lie in the root from its first on, in their order. */
export function isRowMajor(scope: ExtentScope, { offset, axes }: View): boolean {
  const [digit, ...others] = joinedDigits(scope, axes.flat());
  return offset === 0 && others.length === 0 && (digit === undefined || digit.stride === 1);
}

/** The same elements in another shape; undefined where an axis of it would cross a gap. */
export function reshaped(scope: ExtentScope, view: View, shape: readonly Extent[]): View | undefined {
  if (isRowMajor(scope, view)) return rowMajor(scope, view.root, shape);
  const rest = [...joinedDigits(scope, view.axes.flat())];
  const axes: ViewDigit[][] = [];
  for (const size of shape.toReversed()) {
    const digits: ViewDigit[] = [];
    for (let open = size; open !== 1;) {
      const digit = rest.pop();
      if (!digit) return undefined;
      const left = quotientOf(scope, open, digit.size);
      const cut = left === undefined ? quotientOf(scope, digit.size, open) : 1;
      if (cut === undefined) return undefined;
      if (cut !== 1) rest.push({ size: cut, stride: productOf(scope, digit.stride, open) });
      digits.unshift(left === undefined ? { size: open, stride: digit.stride } : digit);
      open = left ?? 1;
    }
    axes.unshift(digits.length > 0 ? digits : [{ size: 1, stride: 0 }]);
  }
  return rest.length > 0 ? undefined : { ...view, axes };
}

/** Every `step`th place of an axis from `start` on, `size` of them. Undefined where digits are in the way. */
export function sliced(
  scope: ExtentScope,
  view: View,
  {
    axis,
    start,
    step,
    size,
  }: { readonly axis: number; readonly start: Extent; readonly step: number; readonly size: Extent },
): View | undefined {
  const digits = view.axes[axis]!;
  const [digit, ...others] = joinedDigits(scope, digits);
  if (others.length > 0) return undefined;
  const stride = digit?.stride ?? 0;
  return {
    ...view,
    offset: sumOf(scope, view.offset, productOf(scope, start, stride)),
    axes: view.axes.with(axis, [{ size, stride: productOf(scope, stride, step) }]),
  };
}

/** The same elements again and again along axes that `shape` has and the view has not, or with one place. */
export function broadcast(view: View, shape: readonly Extent[]): View {
  const missing = shape.length - view.axes.length;
  const axes = shape.map((size, axis) => {
    const digits = view.axes[axis - missing] ?? [];
    return size === 1 || digits.some((digit) => digit.size !== 1) ? digits : [{ size, stride: 0 }];
  });
  return { ...view, axes };
}
