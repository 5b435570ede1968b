// What operators share that add one step's inputs of a layer to a sum: taps of statistics.
import { type Kernel, times } from '@tilewright/kernels';
import type { InferContext, KernelRequest, LoweringContext, Node, ValueType } from '../../ir.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { sameSize } from '../shapes.ts';

/** `present` is `past` with a step added; `what` names its leading size, one for each column of `x`. */
export function tapType(context: InferContext, what: string): Readonly<Record<string, ValueType>> {
  const { inputs } = context;
  sameSize(context, what, inputs.past!.shape[0], inputs.x!.shape.at(-1));
  return { present: inputs.past! };
}

/** A kernel over `x [..., k]` that keeps its sum in place, in the tensor `sum`. `flopsOf`: of a row of k columns. */
export function tapRequest(
  node: Pick<Node, 'inputs' | 'outputs'>,
  context: LoweringContext,
  kernel: Kernel,
  sum: string,
  flopsOf: (k: number) => number,
): KernelRequest {
  const rows = rowsOf(context, node.inputs.x!);
  const k = staticSize(context, node.inputs.x!, -1);
  const bindings = { x: node.inputs.x!, [sum]: node.outputs.present! };
  return {
    kernels: [kernel],
    problem: {
      axes: { rows: context.planned(rows), k },
      dtypes: dtypesOf(context, bindings),
    },
    bindings,
    sizes: { rows },
    flops: times(rows, flopsOf(k)),
  };
}
