import { type Expression, type Filling, times } from '@tilewright/kernels';
import {
  columnGain,
  expressionEpilogue,
  gatedActivation,
  rmsObserve,
  ropeCacheEpilogue,
} from '@tilewright/kernels/fillings';
import type { Graph, Node } from '../ir.ts';
import {
  dimensionOf,
  dtypesOf,
  type KernelRequest,
  type Lower,
  type LoweringContext,
  staticSize,
} from './lowering.ts';

/** Up to this many rows, kernels made for a single row beat tiles. */
const fewRows = 8;

/** The part that all linear layers share: x, weight, the norm in front, the size of the rows. */
function linearRequest(
  node: Node,
  context: LoweringContext,
  kernels: readonly string[],
  output: {
    readonly columns: number;
    readonly bindings: Readonly<Record<string, string>>;
    readonly slots?: Record<string, Filling>;
  },
): KernelRequest {
  const { graph } = context;
  const rows = dimensionOf(graph, node.inputs.x!, 0);
  const k = staticSize(graph, node.inputs.x!, 1);
  const weight = node.inputs.weight!;
  const slots: Record<string, Filling> = { ...output.slots };
  const bindings: Record<string, string> = { a: node.inputs.x!, b: weight, ...output.bindings };
  if (node.attributes.normEpsilon !== undefined)
    slots.observe_a = rmsObserve(Number(node.attributes.normEpsilon), k);
  if (node.inputs.gain) {
    slots.load_a = columnGain({ columns: k });
    bindings['load_a.gain'] = node.inputs.gain;
  }
  return {
    kernels,
    problem: {
      axes: { batch: 1, m: context.planned(rows), n: output.columns, k },
      layouts: { b: context.layoutOf(weight) },
      dtypes: dtypesOf(graph, bindings),
      slots,
    },
    bindings,
    sizes: { batch: 1, m: rows },
    flops: times(rows, 2 * k * staticSize(graph, weight, 0)),
  };
}

const byRows = (node: Node, context: LoweringContext): readonly string[] =>
  context.planned(dimensionOf(context.graph, node.inputs.x!, 0)) <= fewRows
    ? ['gemv', 'matmul']
    : ['matmul', 'gemv'];

export const lowerLinear: Lower = (node, context) => {
  const { graph } = context;
  const columns = staticSize(graph, node.inputs.weight!, 0);
  const bindings: Record<string, string> = { y: node.outputs.y! };
  const expression = node.attributes.epilogue as Expression | undefined;
  const slots: Record<string, Filling> = {};
  if (expression !== undefined) {
    const operands: Record<string, 'full' | 'row' | 'column' | 'scalar'> = {};
    for (const [role, value] of Object.entries(node.inputs)) {
      if (!role.startsWith('epilogue.')) continue;
      operands[role.slice('epilogue.'.length)] = operandKind(graph, value);
      bindings[role] = value;
    }
    slots.epilogue = expressionEpilogue({ expression, operands, columns });
  }
  return {
    ...linearRequest(node, context, byRows(node, context), { columns, bindings, slots }),
    columnsOf: Object.fromEntries(Object.keys(bindings).map((name) => [name, [0, columns]])),
  };
};

/** A vector over the last axis is the same for every row: the fillings call that a `column` operand. */
const operandKind = (graph: Graph, value: string): 'full' | 'column' =>
  graph.values[value]!.shape.length === 1 ? 'column' : 'full';

export const lowerGateUp: Lower = (node, context) => {
  const stacked = staticSize(context.graph, node.inputs.weight!, 0);
  const request = linearRequest(node, context, ['gate-up'], {
    columns: stacked / 2,
    bindings: { y: node.outputs.y! },
  });
  const { n: f, ...axes } = request.problem.axes;
  const activation = gatedActivation([
    'mul',
    [node.attributes.activation, 'gate'],
    'up',
  ] as unknown as Expression);
  return {
    ...request,
    columnsOf: { y: [0, f!] },
    problem: {
      ...request.problem,
      axes: { ...axes, f: f!, stacked },
      slots: { ...request.problem.slots, activation },
    },
  };
};

export const lowerLinearRopeCache: Lower = (node, context) => {
  const { graph } = context;
  const { heads, kvHeads, headSize, rotary } = node.attributes as Record<string, number>;
  const capacity = staticSize(graph, node.outputs.presentKey!, 1);
  const tokens = dimensionOf(graph, node.inputs.x!, 0);
  const columns = (heads! + 2 * kvHeads!) * headSize!;
  const bindings = {
    'epilogue.cos_sin': node.inputs.table!,
    'epilogue.positions': node.inputs.positions!,
    'epilogue.q': node.outputs.q!,
    'epilogue.k': node.outputs.presentKey!,
    'epilogue.v': node.outputs.presentValue!,
  };
  const epilogue = ropeCacheEpilogue({
    heads: heads!,
    kvHeads: kvHeads!,
    headSize: headSize!,
    rotary: rotary!,
    capacity,
    positions: staticSize(graph, node.inputs.table!, 0),
  });
  const request = linearRequest(node, context, byRows(node, context), {
    columns,
    bindings,
    slots: { epilogue },
  });
  const cacheRow = kvHeads! * headSize! * bytesOf(graph, node.outputs.presentKey!);
  const [endQ, endK] = [heads! * headSize!, (heads! + kvHeads!) * headSize!];
  return {
    ...request,
    columnsOf: { 'epilogue.q': [0, endQ], 'epilogue.k': [endQ, endK], 'epilogue.v': [endK, columns] },
    addressedBytes: {
      'epilogue.cos_sin': times(tokens, rotary! * 4),
      'epilogue.k': times(tokens, cacheRow),
      'epilogue.v': times(tokens, cacheRow),
    },
  };
};

export const bytesOf = (graph: Graph, value: string): number =>
  graph.values[value]!.dtype === 'f16' ? 2 : 4;
