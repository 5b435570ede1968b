import { evaluate, type Plan, type Sizes } from '@tilewright/kernels';
import { type CompiledGraph, resolveSizes } from './compile.ts';
import { bytesOfType, type Equality } from './ir.ts';
import type { KernelCall } from './ir.ts';

/** One kernel call of a step, in numbers. */
export interface ExplainedCall {
  readonly label: string;
  readonly kernel: string;
  readonly plan: Plan;
  readonly dispatches: number;
  readonly workgroups: number;
  /** Bytes the dispatches address: bound slices, gathers and caches by rows. */
  readonly movedBytes: number;
  readonly flops: number;
  readonly wgslBytes: number;
}

/** What a step of a compiled graph costs, known before any GPU exists. */
export interface Explanation {
  /** Neighbours that fusion had absorbed and that run by themselves, each with the limit that did it. */
  readonly peeled: CompiledGraph['peeled'];
  /** Views that no kernel could read where they lie, each with its first reader and the reason. */
  readonly copies: CompiledGraph['copies'];
  readonly calls: readonly ExplainedCall[];
  readonly dispatches: number;
  readonly movedBytes: number;
  /** Each weight, constant, valid cache row, input and output once: what no schedule can avoid. */
  readonly compulsoryBytes: number;
  readonly flops: number;
  /** Bytes of all buffers, by kind and in all. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly peakBytes: number;
  /** Distinct shaders and their text. */
  /** Sizes that runs check, because they must be equal and nothing known when the graph was built decides it. */
  readonly equalities: readonly Equality[];
  readonly shaders: number;
  readonly wgslBytes: number;
}

/** Counts a step in which the symbols have these sizes (default: the largest). */
export function explain(compiled: CompiledGraph, step: Sizes = {}): Explanation {
  const sizes = { ...compiled.sizes, ...step };
  const calls = compiled.calls.map((call, index) => explainCall(compiled, call, index, sizes));
  const bytes: Record<string, number> = {};
  for (const { kind, sizeBytes } of Object.values(compiled.memory.buffers))
    bytes[kind] = (bytes[kind] ?? 0) + sizeBytes;
  const uniforms = uniformBytes(compiled);
  if (uniforms > 0) bytes.uniform = uniforms;
  const texts = new Set(compiled.calls.map((call) => call.program.wgsl));
  const total = (of: (call: ExplainedCall) => number): number =>
    calls.reduce((sum, call) => sum + of(call), 0);
  return {
    peeled: compiled.peeled,
    copies: compiled.copies,
    calls,
    dispatches: total((call) => call.dispatches),
    movedBytes: total((call) => call.movedBytes),
    compulsoryBytes: compulsoryBytes(compiled, sizes),
    flops: total((call) => call.flops),
    bytes,
    peakBytes: Object.values(bytes).reduce((sum, each) => sum + each, 0),
    equalities: compiled.graph.equalities,
    shaders: texts.size,
    wgslBytes: [...texts].reduce((sum, text) => sum + text.length, 0),
  };
}

/** Bytes of the uniform buffer a sequence of these calls keeps. */
export function uniformBytes({ calls }: CompiledGraph, alignment = 256): number {
  return calls.reduce(
    (sum, { program }) => sum + Math.ceil((program.uniforms.length * 4) / alignment) * alignment,
    0,
  );
}

function explainCall(compiled: CompiledGraph, call: KernelCall, index: number, sizes: Sizes): ExplainedCall {
  const own = resolveSizes(call, sizes);
  const counts = call.program.dispatches.map((dispatch) => evaluate(dispatch.workgroups, own));
  const moved = call.program.dispatches.map((dispatch, i) =>
    counts[i] === 0
      ? 0
      : dispatch.bindings.reduce((sum, name) => sum + addressedBytes(compiled, call, index, name, sizes), 0),
  );
  return {
    label: call.label,
    kernel: call.program.kernel,
    plan: call.program.plan,
    dispatches: counts.filter((count) => count > 0).length,
    workgroups: counts.reduce((sum, count) => sum + count, 0),
    movedBytes: moved.reduce((sum, each) => sum + each, 0),
    flops: evaluate(call.flops, sizes),
    wgslBytes: call.program.wgsl.length,
  };
}

/** Bytes of one binding that a dispatch addresses, exactly as the runtime counts them. */
function addressedBytes(
  compiled: CompiledGraph,
  call: KernelCall,
  index: number,
  name: string,
  sizes: Sizes,
): number {
  const addressed = call.addressedBytes[name];
  if (addressed !== undefined) return evaluate(addressed, sizes);
  const { placements } = compiled.memory;
  const value = call.bindings[name];
  return (value === undefined ? placements[`${index}/${name}`] : placements[value])!.sizeBytes;
}

function compulsoryBytes(compiled: CompiledGraph, sizes: Sizes): number {
  const { graph, memory } = compiled;
  const most = new Map<string, number>();
  const ofNode = new Map<string, number>();
  compiled.calls.forEach((call, index) => {
    for (const { name, access } of call.program.bindings) {
      const value = call.bindings[name];
      const placement = value === undefined ? undefined : memory.placements[value];
      if (!placement || memory.buffers[placement.buffer]!.kind === 'arena') continue;
      const type = graph.values[value!];
      const whole = type && !graph.weights[value!] ? bytesOfType(type, sizes) : placement.sizeBytes;
      const key = `${placement.buffer} ${access}`;
      // A node with a split weight is several calls, each with some columns of the same result.
      const byNode = `${call.label}\n${key}`;
      const others = call.part?.columnar.includes(name) ? (ofNode.get(byNode) ?? 0) : 0;
      const bytes = others + addressedBytes(compiled, call, index, name, sizes);
      ofNode.set(byNode, bytes);
      most.set(key, Math.max(most.get(key) ?? 0, Math.min(bytes, whole)));
    }
  });
  return [...most.values()].reduce((sum, each) => sum + each, 0);
}
