import { type Filling, type Kernel, kernelsOf, times } from '@tilewright/kernels';
import { gatedActivation } from '@tilewright/kernels/fillings';
import { gateUp } from '@tilewright/kernels/gate-up';
import { gemv } from '@tilewright/kernels/gemv';
import { matmul } from '@tilewright/kernels/matmul';
import { regionsOf } from '../../graph-index.ts';
import type { KernelRequest, LoweringContext, Node, Region } from '../../ir.ts';
import { regionEpilogue } from '../../lowering/region-epilogue.ts';
import { completeNode } from '../attributes.ts';
import { substitute } from '../operands.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { badNode } from '../shapes.ts';
import { frontOf } from './front-of-product.ts';
import type { WeightProduct } from './weight-product.ts';

/** Up to this many rows, kernels made for a single row beat tiles. */
const fewRows = 8;

/** A product with a stored weight as a request, with the norm in front and the regions behind that it absorbed. */
export function weightRequest(node: Node, product: WeightProduct, context: LoweringContext): KernelRequest {
  const [gated] = regionsOf(node, 'epilogue').filter((region) => region.arguments.length > 1);
  return gated ? gatedRequest(node, product, gated, context) : plainRequest(node, product, context);
}

/** A product: by what the weight's format brings, then by what suits its number of rows. */
function plainRequest(node: Node, product: WeightProduct, context: LoweringContext): KernelRequest {
  const columns = staticSize(context, product.weight, 0);
  const { filling, ...output } = regionEpilogue(node, { role: 'Y', columns }, context);
  const rows = rowsOf(context, product.input);
  return productRequest(node, product, context, {
    ...output,
    kernels: [
      ...kernelsOf(context.formatOf(product.weight)),
      ...(context.planned(rows) <= fewRows ? [gemv, matmul] : [matmul, gemv]),
    ],
    axes: { n: columns },
    slots: { ...(filling && { epilogue: filling }) },
  });
}

/** Two products of one row whose results meet in a formula: the rows of the first factor above those of the second. */
function gatedRequest(
  node: Node,
  product: WeightProduct,
  region: Region,
  context: LoweringContext,
): KernelRequest {
  const stacked = staticSize(context, product.weight, 0);
  const [first, ...rest] = region.nodes.map(completeNode) as [Node, ...Node[]];
  const half = stacked / 2;
  const formula = first.operator.absorption?.expression?.(first);
  const columns = region.arguments.flatMap((argument) => argument.columns ?? []);
  if (formula === undefined || columns.join() !== [0, half, half, stacked].join())
    throw badNode(node.name, 'its columns do not meet by halves', 'a formula reads both halves');
  const roles = Object.entries(first.inputs).map(([role, value]) => [
    role,
    value === region.arguments[0]!.value ? 'gate' : 'up',
  ]);
  const activation = substitute(formula, Object.fromEntries(roles));
  const value = Object.values(first.outputs)[0]!;
  const behind = { arguments: [{ value }], nodes: rest, results: region.results };
  const { filling, ...output } = regionEpilogue(
    node,
    { role: 'Y', columns: half, regions: [behind] },
    context,
  );
  return productRequest(node, product, context, {
    ...output,
    kernels: [gateUp],
    axes: { f: half, stacked },
    slots: { activation: gatedActivation(activation), ...(filling && { epilogue: filling }) },
  });
}

/** What all products share: x, weight, the norm in front, the size of the rows. */
function productRequest(
  node: Node,
  { input, weight }: WeightProduct,
  context: LoweringContext,
  output: Pick<KernelRequest, 'bindings' | 'addressedBytes' | 'columnsOf'> & {
    readonly kernels: readonly Kernel[];
    readonly axes: Readonly<Record<string, number>>;
    readonly slots: Readonly<Record<string, Filling>>;
  },
): KernelRequest {
  const front = frontOf(node, input, context);
  const rows = rowsOf(context, front.input);
  const k = staticSize(context, weight, 1);
  const bindings = { a: front.input, b: weight, ...output.bindings, ...front.bindings };
  return {
    kernels: output.kernels,
    problem: {
      axes: { batch: 1, m: context.planned(rows), k, ...output.axes },
      formats: { b: context.formatOf(weight) },
      dtypes: dtypesOf(context, bindings),
      slots: { ...output.slots, ...front.slots },
    },
    bindings,
    sizes: { batch: 1, m: rows },
    ...(output.addressedBytes && { addressedBytes: output.addressedBytes }),
    ...(output.columnsOf && { columnsOf: output.columnsOf }),
    flops: times(rows, 2 * k * staticSize(context, weight, 0)),
  };
}
