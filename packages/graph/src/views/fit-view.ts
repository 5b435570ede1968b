// What a kernel is asked for so that it reads a tensor in the order that a view says.
import {
  type Distance,
  distancesOf,
  type Extent,
  type Kernel,
  rowLength,
  rowView,
  type TensorContract,
} from '@tilewright/kernels';
import { type ExtentScope, factorOf, isAtMost, quotientOf } from '../extent/index.ts';
import type { KernelRequest, LoweringContext, View, ViewDigit } from '../ir.ts';
import { type FittedView, fitDigits } from './fit-digits.ts';
import { joinedDigits } from './order.ts';

/** What to add to a request so that `kernel` reads a binding in this order; or why it cannot. */
export function fitView(
  view: View,
  kernel: Kernel,
  binding: string,
  request: KernelRequest,
  context: LoweringContext,
): FittedView | string {
  const tensor: TensorContract | undefined = kernel.inputs[binding] ?? kernel.outputs[binding];
  const [slot, name] = binding.split('.');
  const taken = tensor ? tensor.order : request.problem.slots?.[slot!]?.bindings?.[name!]?.order;
  if (taken === 'rows') {
    const rows = fitRows(context.extents, view, binding);
    // What is read again and again is worth a copy that is read in whole vectors.
    const wide = tensor?.isReread && rowLength(kernel, kernel.problem(request.problem), binding) % 4 === 0;
    return wide && !rows.isWide
      ? `${kernel.name}: '${binding}' is read often, four elements at a time`
      : rows;
  }
  if (typeof taken === 'object') {
    const digits = fitDigits(view, kernel, binding, tensor!, request, context);
    return typeof digits === 'string' && taken.rows ? fitRows(context.extents, view, binding) : digits;
  }
  return `${kernel.name}: '${binding}' is read row-major`;
}

/** Rows as long as what lies together, and their index in digits. */
function fitRows(
  scope: ExtentScope,
  { offset, axes }: View,
  binding: string,
): FittedView & { readonly isWide: boolean } {
  const digits = [...joinedDigits(scope, axes.flat())];
  const last = digits.at(-1);
  const row = last?.stride === 1 ? factorOf(scope, last.size) || 1 : 1;
  if (row > 1) {
    digits.pop();
    const rows = quotientOf(scope, last!.size, row)!;
    if (rows !== 1) digits.push({ size: rows, stride: row });
  }
  const [outer, ...inner] = digits.length > 0 ? digits : [{ size: 1, stride: 0 } satisfies ViewDigit];
  const distance = (size: Extent): Distance =>
    typeof size === 'number'
      ? size
      : {
          multipleOf: factorOf(scope, size),
          ...(isAtMost(scope, 0, size) !== 'yes' && { isSigned: true }),
        };
  const view = rowView({
    stride: distance(outer!.stride),
    offset: distance(offset),
    inner: inner.map(({ size, stride }) => ({ size: distance(size), stride: distance(stride) })),
    row,
  });
  const extents = [outer!.stride, offset, ...inner.flatMap(({ size, stride }) => [size, stride])];
  const sizes = distancesOf(binding, view).flatMap(([uniform, known], i): [string, Extent][] =>
    typeof known === 'number' ? [] : [[uniform, extents[i]!]],
  );
  const starts = [offset, row, ...digits.map(({ stride }) => stride)];
  return {
    problem: { views: { [binding]: view } },
    sizes: Object.fromEntries(sizes),
    isWide: starts.every((start) => factorOf(scope, start) % 4 === 0),
  };
}
