// Where the elements of a tensor lie in the larger one that a view says it is part of.
import type { CheckCase, Distance, KernelCheck, Problem } from '@tilewright/kernels';
import { rowLength } from '@tilewright/kernels';

export interface RowPlaces {
  /** Elements of the tensor that is bound: up to the last one of the last row, and one more that nobody may touch. */
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
  const distance = (part: 'stride' | 'offset', value: Distance): number =>
    typeof value === 'number' ? value : input.uniforms![`${name}_${part}`]!;
  const [stride, offset] = [distance('stride', view.stride), distance('offset', view.offset)];
  const row = rowLength(kernel, problem, name);
  const placeOf = (i: number): number => offset + Math.floor(i / row) * stride + (i % row);
  return { elements: placeOf(count - 1) + 2, placeOf };
}
