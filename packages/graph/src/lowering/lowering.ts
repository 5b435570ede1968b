import {
  type Capabilities,
  type Extent,
  type Kernel,
  type Layout,
  type Plan,
  type ProblemInput,
  type Program,
  type Sizes,
  type StorageType,
  TilewrightError,
} from '@tilewright/kernels';
import { layoutName } from '@tilewright/kernels/layouts';
import type { Dimension, Graph, Node } from '../ir.ts';
import type { RowRange } from '../weights/select-rows.ts';
import type { WeightPart } from './split-weight.ts';

/** One Program of a compiled graph and what its bindings are. */
export interface KernelCall {
  /** The node's name. */
  readonly label: string;
  readonly program: Program;
  /** Value of the graph for every binding of the Program that is not scratch. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Dynamic axes of the kernel as functions of the graph's symbols. */
  readonly sizes: Readonly<Record<string, Extent>>;
  /** Bytes addressed where that is less than the value (gathered rows, valid cache rows), by binding. */
  readonly addressedBytes: Readonly<Record<string, Extent>>;
  readonly flops: Extent;
  /** Where the call works on some rows of a weight: which; what it binds of it is then no value of the graph. */
  readonly part?: WeightPart;
}

/** What a node wants computed; `kernels` are tried in order until one has a Plan for this device. */
export interface KernelRequest extends Omit<KernelCall, 'label' | 'program' | 'addressedBytes' | 'flops'> {
  readonly kernels: readonly string[];
  readonly problem: ProblemInput;
  readonly addressedBytes?: Readonly<Record<string, Extent>>;
  readonly flops: Extent;
  /** Of bindings that hold columns of the result: which ones, in case a weight must be split. */
  readonly columnsOf?: Readonly<Record<string, RowRange>>;
}

export interface LoweringContext {
  readonly graph: Graph;
  readonly kernels: ReadonlyMap<string, Kernel>;
  readonly capabilities: Capabilities;
  /** Layout of a weight value. */
  readonly layoutOf: (weight: string) => Layout;
  /** Size to plan for of a dimension: its number, or the symbol's largest value in this compilation. */
  readonly planned: (dimension: Dimension) => number;
  /** Largest value of each symbol in this compilation. */
  readonly sizes: Sizes;
  readonly choosePlan: (kernel: Kernel, plans: readonly Plan[]) => Plan;
}

export type Lower = (node: Node, context: LoweringContext) => KernelRequest;

/** Picks kernel and Plan for a request. Throws `no-variant` with all reasons, `bad-argument` for kernels not handed in. */
export function resolveRequest(node: Node, request: KernelRequest, context: LoweringContext): KernelCall {
  checkPlainWeights(node, request, context);
  const reasons: string[] = [];
  for (const name of request.kernels) {
    const kernel = context.kernels.get(name);
    if (!kernel) {
      reasons.push(`${name}: not among the kernels handed to compile`);
      continue;
    }
    const problem = kernel.problem(request.problem);
    let plans: readonly Plan[];
    try {
      plans = kernel.plans(problem, context.capabilities);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
      continue;
    }
    const program = kernel.program(problem, context.choosePlan(kernel, plans));
    const most = context.capabilities.limits.maxStorageBuffersPerShaderStage;
    const widest = Math.max(...program.dispatches.map((dispatch) => dispatch.bindings.length));
    if (widest > most) {
      reasons.push(`${name}: binds ${widest} storage buffers of ${most}`);
      continue;
    }
    const { bindings, sizes, addressedBytes = {}, flops, part } = request;
    return { label: node.name, program, bindings, sizes, addressedBytes, flops, ...(part && { part }) };
  }
  throw new TilewrightError('no-variant', {
    subject: node.name,
    problem: `no kernel can compute this ${node.op}`,
    requirement: reasons.join('; '),
    fix: 'hand the missing kernels to compile, or use a device that has what they need',
  });
}

/** Weights that kernels read as tensors, not through a layout, are f32. */
function checkPlainWeights(node: Node, { bindings, problem }: KernelRequest, context: LoweringContext): void {
  for (const [binding, value] of Object.entries(bindings)) {
    if (!context.graph.weights[value] || problem.layouts?.[binding]) continue;
    const layout = context.layoutOf(value);
    if (layout.kind === 'dense' && layout.dtype === 'f32') continue;
    throw new TilewrightError('bad-layout', {
      subject: node.name,
      problem: `its weight '${value}' is stored as ${layoutName(layout)}`,
      requirement: 'gains and biases are dense f32',
      fix: 'take the weights that prepareWeights gives, and their layouts',
    });
  }
}

/** Storage types of the float values among bindings, for a Problem. */
export function dtypesOf(
  graph: Graph,
  bindings: Readonly<Record<string, string>>,
): Record<string, StorageType> {
  const dtypes: Record<string, StorageType> = {};
  for (const [binding, value] of Object.entries(bindings)) {
    const { dtype } = graph.values[value]!;
    if ((dtype === 'f16' || dtype === 'f32') && !graph.weights[value]) dtypes[binding] = dtype;
  }
  return dtypes;
}

export const dimensionOf = (graph: Graph, value: string, axis: number): Dimension =>
  graph.values[value]!.shape.at(axis)!;

export const staticSize = (graph: Graph, value: string, axis: number): number =>
  Number(dimensionOf(graph, value, axis));
