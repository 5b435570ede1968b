// How the views among the bindings of a request are read: as the kernel's contract says, or not at all.
import { type Extent, type Kernel, type Program } from '@tilewright/kernels';
import { isEqual, productOf } from '../extent/index.ts';
import type { KernelRequest, LoweringContext, View } from '../ir.ts';
import { fitView } from './fit-view.ts';
import { broadcast, isRowMajor } from './order.ts';

/** Views that a kernel cannot read, by value, and why. */
export type RefusedViews = ReadonlyMap<string, string>;

/** The bindings that do not lie as their kernel expects. */
export const viewsOf = (
  { bindings, shape }: KernelRequest,
  { views, extents }: LoweringContext,
): readonly (readonly [binding: string, value: string, view: View])[] =>
  Object.entries(bindings).flatMap(([binding, value]) => {
    const view = views!.viewOf(value);
    if (!view) return [];
    const seen = shape ? broadcast(view, shape) : view;
    return isRowMajor(extents, seen) ? [] : [[binding, value, seen] as const];
  });

/** The request with what `kernel` must be told of its views, or the views that it cannot read. */
export function withViews(
  kernel: Kernel,
  request: KernelRequest,
  context: LoweringContext,
): KernelRequest | RefusedViews {
  const refused = new Map<string, string>();
  let { problem, sizes } = request;
  for (const [binding, value, view] of viewsOf(request, context)) {
    const fitted = fitView(view, kernel, binding, { ...request, problem, sizes }, context);
    if (typeof fitted === 'string') {
      refused.set(value, fitted);
      continue;
    }
    const { axes, options, views } = fitted.problem;
    problem = {
      ...problem,
      axes: { ...problem.axes, ...axes },
      options: { ...problem.options, ...options },
      views: { ...problem.views, ...views },
    };
    sizes = { ...sizes, ...fitted.sizes };
  }
  return refused.size > 0 ? refused : { ...request, problem, sizes };
}

/** Views of a buffer that the same Program writes: it may not be bound twice. */
export function readWhileWritten(
  { bindings }: Program,
  request: KernelRequest,
  { aliases }: LoweringContext,
  { rootOf, isView }: { rootOf: (value: string) => string; isView: (value: string) => boolean },
): RefusedViews {
  const bufferOf = (value: string): string => {
    let root = rootOf(value);
    for (let next = aliases.get(root); next !== undefined; next = aliases.get(root)) root = rootOf(next);
    return root;
  };
  const bound = bindings.flatMap(({ name, access }) => {
    const value = request.bindings[name];
    return value === undefined ? [] : [{ value, access, buffer: bufferOf(value) }];
  });
  const written = new Set(bound.flatMap(({ access, buffer }) => (access === 'read' ? [] : [buffer])));
  const read = bound.filter(
    ({ value, access, buffer }) => access === 'read' && written.has(buffer) && isView(value),
  );
  return new Map(read.map(({ value }) => [value, 'the kernel writes what it is a view of']));
}

/** Bytes of the views among some bindings, where they are not all of the buffers that are bound. */
export const viewedBytes = (
  { bindings }: KernelRequest,
  { values, extents }: LoweringContext,
  views: ReadonlyMap<string, View>,
): Readonly<Record<string, Extent>> =>
  Object.fromEntries(
    Object.entries(bindings).flatMap(([binding, value]) => {
      const view = views.get(value);
      if (!view) return [];
      const count = productOf(extents, ...values[value]!.shape);
      const whole = productOf(extents, ...values[view.root]!.shape);
      if (isEqual(extents, count, whole) === 'yes') return [];
      const { dtype } = values[value]!;
      const bytes = dtype.endsWith('8') ? 1 : dtype === 'f16' ? 2 : 4;
      return [[binding, productOf(extents, bytes, count)]];
    }),
  );
