import {
  checkPlan,
  checkPlans,
  checkProblem,
  isTilewrightError,
  type Kernel,
  type Problem,
  type Program,
  TilewrightError,
} from '@tilewright/kernels';
import { denseDType } from '@tilewright/kernels/weights/dense';
import { writesOf } from '../graph-index.ts';
import { type GrowingScope, inferOutputs } from '../infer-node.ts';
import type { KernelCall, KernelRequest, LoweringContext, Node } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { type PeeledNode, peels } from '../absorb/peel.ts';
import { splitTable } from './split-table.ts';
import { splitRequest } from './split-weight.ts';

/** What lowering adds to as it goes. */
export interface Lowering {
  /** Programs by what was asked for: layers that are alike are lowered once. */
  readonly programs: Map<string, Program>;
  /** Types, also of values that have none before a node is let out. */
  readonly scope: GrowingScope;
}

/** A node as it could be lowered: with what it absorbed, or in several nodes where no kernel takes them together. */
export interface LoweredNode {
  readonly nodes: readonly Node[];
  readonly calls: readonly KernelCall[];
  readonly peeled: readonly PeeledNode[];
}

/**
 * The calls that compute a node. Where there are none, views that no kernel can read are copied first; then a neighbour is let
 * out, the last one behind unless only the one in front will do, and the rest tried again. Throws `no-variant` with the reasons of every kernel that was tried for a
 * node by itself.
 */
export function lowerNode(node: Node, context: LoweringContext, lowering: Lowering): LoweredNode {
  // Nothing to compute: views, what the host makes, results without elements.
  const { host, view } = node.operator;
  if (host || view || writesOf(node).every((value) => context.values[value]?.shape.includes(0)))
    return { nodes: [node], calls: [], peeled: [] };
  const lowerAll = (nodes: readonly Node[]): LoweredNode => {
    const lowered = nodes.map((each) => lowerNode(each, context, lowering));
    return {
      nodes: lowered.flatMap((each) => each.nodes),
      calls: lowered.flatMap(({ calls }) => calls),
      peeled: lowered.flatMap(({ peeled }) => peeled),
    };
  };
  try {
    return { nodes: [node], calls: callsOf(node, context, lowering), peeled: [] };
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    const copied = context.views?.withCopies(node);
    if (copied) return lowerAll(copied);
    const choices = node.absorbed ? peels(node) : [];
    if (choices.length === 0) throw error;
    for (const each of choices.flatMap(({ nodes }) => nodes)) inferOutputs(each, lowering.scope);
    const fewer = choices.find(({ host }) => isLowered(host, context, lowering)) ?? choices[0]!;
    const lowered = lowerAll(fewer.nodes);
    const reason = error.message;
    return {
      ...lowered,
      peeled: [{ node: fewer.peeled.name, host: node.name, reason }, ...lowered.peeled],
    };
  }
}

function isLowered(node: Node, context: LoweringContext, lowering: Lowering): boolean {
  try {
    return callsOf(node, context, lowering).length > 0;
  } catch {
    return false;
  }
}

function callsOf(node: Node, context: LoweringContext, lowering: Lowering): readonly KernelCall[] {
  const { lower, name } = node.operator;
  if (!lower)
    throw new TilewrightError('bad-graph', {
      subject: node.name,
      problem: `${name} does neither`,
      requirement: 'an operator lowers or expands',
    });
  const request = lower(completeNode(node), context);
  if (!request) return [];
  return splitRequest(request, context)
    .flatMap((request) => splitTable(request, context))
    .map((request) => resolveRequest(node, request, context, lowering));
}

function resolveRequest(
  node: Node,
  request: KernelRequest,
  context: LoweringContext,
  { programs }: Lowering,
): KernelCall {
  checkPlainWeights(node, request, context);
  const reasons: string[] = [];
  for (const kernel of request.kernels) {
    const resolve = (asked: KernelRequest): KernelCall | string => {
      const program = programOf(kernel, asked, context, programs);
      if (typeof program === 'string') return program;
      const { bindings, sizes, addressedBytes = {}, flops, part } = asked;
      checkNumbers(node, program, sizes);
      return { label: node.name, program, bindings, sizes, addressedBytes, flops, ...(part && { part }) };
    };
    const call = context.views
      ? context.views.read(node, kernel, request, context, resolve)
      : resolve(request);
    if (typeof call !== 'string') return call;
    reasons.push(call);
  }
  throw new TilewrightError('no-variant', {
    subject: node.name,
    problem: `no kernel can compute this ${node.operator.name}`,
    requirement: reasons.join('; '),
    fix: 'change what the reasons name, or use a device that has what is missing',
  });
}

/** Every number that a Program reads comes from the request: none by its name alone. */
function checkNumbers(node: Node, { kernel, uniforms }: Program, sizes: KernelRequest['sizes']): void {
  const forgotten = uniforms.find(({ name }) => sizes[name] === undefined);
  if (forgotten)
    throw new TilewrightError('invariant', {
      subject: node.name,
      problem: `${node.operator.name} does not say what '${forgotten.name}' of ${kernel} is`,
      requirement: 'a lowering says of each dynamic axis and uniform what it is in sizes of the graph',
      fix: `give '${forgotten.name}' in the request's sizes`,
    });
}

/** The Program of a kernel for a request, or why there is none. */
function programOf(
  kernel: Kernel,
  request: KernelRequest,
  { capabilities, choosePlan }: LoweringContext,
  programs: Lowering['programs'],
): Program | string {
  let problem: Problem;
  let program: Program | undefined;
  try {
    problem = checkProblem(kernel, request.problem);
    const key = problemKey(kernel, problem);
    program = programs.get(key);
    if (!program) {
      const plans = checkPlans(kernel, problem, capabilities);
      program = kernel.program(problem, checkPlan(kernel, choosePlan(kernel, plans), plans));
      programs.set(key, program);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const most = capabilities.limits.maxStorageBuffersPerShaderStage;
  const widest = Math.max(...program.dispatches.map((dispatch) => dispatch.bindings.length));
  return widest > most ? `${kernel.name}: binds ${widest} storage buffers of ${most}` : program;
}

/** Equal for equal Problems of a kernel. A filling's id names its text, and its tensors are part of what is bound. */
function problemKey(kernel: Kernel, { slots, formats, ...problem }: Problem): string {
  const fillings = Object.entries(slots).map(([slot, { id, bindings, uniforms, omits }]) => [
    slot,
    id,
    bindings,
    uniforms,
    omits,
  ]);
  const ids = Object.entries(formats).map(([name, { id }]) => [name, id]);
  return JSON.stringify([kernel.name, sorted(problem), fillings.sort(), ids.sort()]);
}

/** The same record with names in order, so that the order they were written in says nothing. */
const sorted = (record: Omit<Problem, 'slots' | 'formats'>): unknown =>
  Object.entries(record)
    .sort()
    .map(([field, values]) => [field, Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Weights that kernels read as tensors, not through a reader, are f32. */
function checkPlainWeights(node: Node, { bindings, problem }: KernelRequest, context: LoweringContext): void {
  for (const [binding, value] of Object.entries(bindings)) {
    if (!context.weights[value] || problem.formats?.[binding]) continue;
    const format = context.formatOf(value);
    if (denseDType(format) === 'f32') continue;
    throw new TilewrightError('bad-format', {
      subject: node.name,
      problem: `its weight '${value}' is stored as ${format.name}`,
      requirement: 'gains and biases are dense f32',
      fix: 'take the weights that prepareWeights gives, and their formats',
    });
  }
}
