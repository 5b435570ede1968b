import { type Filling, type Kernel, kernelsOf, times } from '@tilewright/kernels';
import { gatedActivation } from '@tilewright/kernels/fillings';
import { gateUp } from '@tilewright/kernels/gate-up';
import { gemv } from '@tilewright/kernels/gemv';
import { matmul } from '@tilewright/kernels/matmul';
import { regionsOf } from '../../graph-index.ts';
import type { KernelRequest, LoweringContext, Node, Operator, Region } from '../../ir.ts';
import { regionEpilogue } from '../../lowering/region-epilogue.ts';
import { completeNode } from '../attributes.ts';
import { substitute } from '../operands.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { badNode, rank, sameSize } from '../shapes.ts';

/** Up to this many rows, kernels made for a single row beat tiles. */
const fewRows = 8;

/** `y = x weightᵀ`, with a norm in front and regions behind its columns where it absorbed them. */
export const linear: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Linear',
  summary: 'y = x · weightᵀ',
  product: { input: 'x', weight: 'weight' },
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'weight', kind: 'required' },
  ],
  slots: {
    load: { direction: 'load', role: 'x', hands: 'row' },
    epilogue: { direction: 'epilogue', role: 'y', hands: 'quad' },
  },
  infer: (context) => {
    const { subject, inputs } = context;
    const x = inputs.x!;
    const weight = inputs.weight!;
    rank(subject, 'weight', weight, 2);
    sameSize(context, 'the last dimension of x', x.shape.at(-1), weight.shape[1]);
    return { y: { dtype: 'f32', shape: [...x.shape.slice(0, -1), weight.shape[0]!] } };
  },
  lower: (node, context) => {
    const [gated] = regionsOf(node, 'epilogue').filter((region) => region.arguments.length > 1);
    return gated ? gatedRequest(node, gated, context) : plainRequest(node, context);
  },
});

/** A product: by what the weight's format brings, then by what suits its number of rows. */
function plainRequest(node: Node, context: LoweringContext): KernelRequest {
  const columns = staticSize(context, node.inputs.weight!, 0);
  const { filling, ...output } = regionEpilogue(node, { role: 'y', columns }, context);
  const rows = rowsOf(context, node.inputs.x!);
  return productRequest(node, context, {
    ...output,
    kernels: [
      ...kernelsOf(context.formatOf(node.inputs.weight!)),
      ...(context.planned(rows) <= fewRows ? [gemv, matmul] : [matmul, gemv]),
    ],
    axes: { n: columns },
    slots: { ...(filling && { epilogue: filling }) },
  });
}

/** Two products of one row whose results meet in a formula: the rows of the first factor above those of the second. */
function gatedRequest(node: Node, region: Region, context: LoweringContext): KernelRequest {
  const stacked = staticSize(context, node.inputs.weight!, 0);
  const [gate, up] = region.arguments;
  const [first, ...rest] = region.nodes.map(completeNode);
  const half = stacked / 2;
  const fits =
    region.arguments.length === 2 &&
    gate!.columns?.join() === [0, half].join() &&
    up!.columns?.join() === [half, stacked].join();
  const formula = first?.operator.absorption?.expression?.(first);
  const roles = Object.entries(first?.inputs ?? {});
  if (
    !fits ||
    !first ||
    formula === undefined ||
    !roles.every(([, value]) => [gate!.value, up!.value].includes(value))
  )
    throw badNode(node.name, 'its columns do not meet by halves', 'a formula reads both halves');
  const activation = substitute(
    formula,
    Object.fromEntries(roles.map(([role, value]) => [role, value === gate!.value ? 'gate' : 'up'])),
  );
  const value = Object.values(first.outputs)[0]!;
  const behind = { arguments: [{ value }], nodes: rest, results: region.results };
  const { filling, ...output } = regionEpilogue(
    node,
    { role: 'y', columns: half, regions: [behind] },
    context,
  );
  return productRequest(node, context, {
    ...output,
    kernels: [gateUp],
    axes: { f: half, stacked },
    slots: { activation: gatedActivation(activation), ...(filling && { epilogue: filling }) },
  });
}

/** What all products share: x, weight, the norm in front, the size of the rows. */
function productRequest(
  node: Node,
  context: LoweringContext,
  output: Pick<KernelRequest, 'bindings' | 'addressedBytes' | 'columnsOf'> & {
    readonly kernels: readonly Kernel[];
    readonly axes: Readonly<Record<string, number>>;
    readonly slots: Readonly<Record<string, Filling>>;
  },
): KernelRequest {
  const [front] = regionsOf(node, 'load');
  const x = front?.arguments[0]?.value ?? node.inputs.x!;
  const rows = rowsOf(context, x);
  const k = staticSize(context, x, -1);
  const weight = node.inputs.weight!;
  const norm = front?.nodes[0];
  const load = norm && norm.operator.absorption!.load!(completeNode(norm), context);
  const bindings = { a: x, b: weight, ...output.bindings, ...load?.bindings };
  return {
    kernels: output.kernels,
    problem: {
      axes: { batch: 1, m: context.planned(rows), k, ...output.axes },
      formats: { b: context.formatOf(weight) },
      dtypes: dtypesOf(context, bindings),
      slots: { ...output.slots, ...load?.slots },
    },
    bindings,
    sizes: { batch: 1, m: rows },
    ...(output.addressedBytes && { addressedBytes: output.addressedBytes }),
    ...(output.columnsOf && { columnsOf: output.columnsOf }),
    flops: times(rows, 2 * k * staticSize(context, weight, 0)),
  };
}
