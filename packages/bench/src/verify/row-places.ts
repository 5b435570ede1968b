// Where the elements of a tensor lie in the larger one that a view says it is part of.
import type { CheckCase, KernelCheck, Problem } from '@tilewright/kernels';
import { rowLength, viewPlaces } from '@tilewright/kernels';

export interface RowPlaces {
  /** Elements of the tensor that is bound: up to the last one of all rows, and one more that nobody may touch. */
  readonly elements: number;
  /** The place in it of element i of the rows, one after the other. */
  readonly placeOf: (i: number) => number;
}

/** The places of a tensor's `count` elements; undefined where no view moves them. */
export function rowPlaces(
  { kernel }: Pick<KernelCheck, 'kernel'>,
  input: CheckCase,
  problem: Problem,
  name: string,
  count: number,
): RowPlaces | undefined {
  const view = problem.views[name];
  if (!view) return undefined;
  const row = view.row ?? rowLength(kernel, problem, name);
  const placeOf = viewPlaces(name, view, row, input.uniforms ?? {});
  let last = 0;
  for (let i = 0; i < count; i++) last = Math.max(last, placeOf(i));
  return { elements: last + 2, placeOf };
}
