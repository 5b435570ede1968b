// What operators share that give the elements of their first input another shape.
import type { View, ViewContext } from '../../ir.ts';
import { reshaped, rowMajor } from '../../views/order.ts';

/** Where the viewed value lies: as a view, or row-major in a buffer of its own. */
export const orderOf = ({ extents, view, source, inputs }: ViewContext<unknown>, role: string): View =>
  view ?? rowMajor(extents, source, inputs[role]!.shape);

/** The view of the first input, `role`, in the shape of the one output. */
export function asShape(
  context: ViewContext<unknown>,
  role: string,
  output: string,
): Readonly<Record<string, View>> | undefined {
  const order = reshaped(context.extents, orderOf(context, role), context.outputs[output]!.shape);
  return order && { [output]: order };
}
