import { type Extent, type Filling, times } from '@tilewright/kernels';
import { columnGain, rmsObserve } from '@tilewright/kernels/fillings';
import { gemv } from '@tilewright/kernels/gemv';
import { matmul } from '@tilewright/kernels/matmul';
import type { Kernel } from '@tilewright/kernels';
import type { InferContext, KernelRequest, LoweringContext, Node, ValueType } from '../../ir.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { type Deciding, rank, sameSize } from '../shapes.ts';

/** Up to this many rows, kernels made for a single row beat tiles. */
const fewRows = 8;

/** `normEpsilon`: of a norm that was fused in front. */
export interface LinearAttributes {
  readonly normEpsilon: number | null;
}

/** The type of `x · weightᵀ`. Throws `bad-graph` for what cannot be multiplied. */
export function linearType(context: Deciding & Pick<InferContext, 'inputs'>, columns?: Extent): ValueType {
  const { subject, inputs } = context;
  const x = inputs.x!;
  const weight = inputs.weight!;
  rank(subject, 'x', x, 2);
  rank(subject, 'weight', weight, 2);
  sameSize(context, 'the last dimension of x', x.shape[1], weight.shape[1]);
  return { dtype: 'f32', shape: [x.shape[0]!, columns ?? weight.shape[0]!] };
}

/** The part that all linear layers share: x, weight, the norm in front, the size of the rows. */
export function linearRequest(
  node: Node<LinearAttributes>,
  context: LoweringContext,
  kernels: readonly Kernel[],
  output: {
    readonly columns: number;
    readonly bindings: Readonly<Record<string, string>>;
    readonly slots?: Record<string, Filling>;
  },
): KernelRequest {
  const rows = dimensionOf(context, node.inputs.x!, 0);
  const k = staticSize(context, node.inputs.x!, 1);
  const weight = node.inputs.weight!;
  const slots: Record<string, Filling> = { ...output.slots };
  const bindings: Record<string, string> = {
    a: node.inputs.x!,
    b: weight,
    ...output.bindings,
  };
  if (node.attributes.normEpsilon !== null) slots.observe_a = rmsObserve(node.attributes.normEpsilon, k);
  if (node.inputs.gain) {
    slots.load_a = columnGain({ columns: k });
    bindings['load_a.gain'] = node.inputs.gain;
  }
  return {
    kernels,
    problem: {
      axes: { batch: 1, m: context.planned(rows), n: output.columns, k },
      formats: { b: context.formatOf(weight) },
      dtypes: dtypesOf(context, bindings),
      slots,
    },
    bindings,
    sizes: { batch: 1, m: rows },
    flops: times(rows, 2 * k * staticSize(context, weight, 0)),
  };
}

/** Kernels of one product, those that suit its number of rows first. */
export const productKernels = (
  node: Pick<Node, 'inputs'>,
  context: LoweringContext,
): readonly [Kernel, ...Kernel[]] =>
  context.planned(dimensionOf(context, node.inputs.x!, 0)) <= fewRows ? [gemv, matmul] : [matmul, gemv];
