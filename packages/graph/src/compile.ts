import {
  type Capabilities,
  evaluate,
  type Kernel,
  type WeightFormat,
  type Plan,
  type Sizes,
  TilewrightError,
} from '@tilewright/kernels';
import { formatBytes } from '@tilewright/kernels/weights/unchecked';
import { dense } from '@tilewright/kernels/weights/dense';
import { extentScope, printExtent } from './extent/index.ts';
import { aliasesOf, indexGraph } from './graph-index.ts';
import {
  bytesOfType,
  type CopiedValue,
  type Graph,
  type KernelCall,
  type LoweringContext,
  type WeightPart,
} from './ir.ts';
import { lowerNode } from './lowering/lowering.ts';
import { largestBinding, partName } from './lowering/split-weight.ts';
import { type BufferKind, checkMemory, type MemoryPlan, planMemory, type Storage } from './memory-plan.ts';
import type { CacheFormat } from './ir.ts';
import { placeCaches } from './caches/place-caches.ts';
import { expandOperators, rewrite } from './rewrite.ts';
import { fuse } from './simplify.ts';
import { checkGraph } from './spec.ts';
import type { PeeledNode } from './absorb/peel.ts';

export interface CompileOptions {
  readonly capabilities: Capabilities;
  /** Formats of compressed weights by graph name; dense f32 where absent. */
  readonly formats?: ReadonlyMap<string, WeightFormat>;
  /** Largest size of each symbol in this executable (a bucket); default the symbol's maximum. */
  readonly sizes?: Sizes;
  /** False keeps every node a dispatch of its own: for calibration and for tests. */
  readonly fuse?: boolean;
  /** Formats of caches by state, in place of those that the states were declared with. */
  readonly caches?: Readonly<Record<string, CacheFormat>>;
  /** Chooses among a kernel's Plans; default the first. */
  readonly choosePlan?: (kernel: Kernel, plans: readonly Plan[]) => Plan;
}

/** Everything about a run that can be known without a device. Pure data. */
export interface CompiledGraph {
  readonly graph: Graph;
  /** Largest size of each symbol. */
  readonly sizes: Sizes;
  readonly calls: readonly KernelCall[];
  /** Neighbours that fusion had absorbed and no kernel took. */
  readonly peeled: readonly PeeledNode[];
  /** Views that were copied, since a kernel could not read them where they lie. */
  readonly copies: readonly CopiedValue[];
  readonly memory: MemoryPlan;
  readonly formats: ReadonlyMap<string, WeightFormat>;
  /** Parts of weights that one binding cannot hold, by the name they are bound under. */
  readonly parts: ReadonlyMap<string, WeightPart>;
}

/**
 * Lowers a graph to kernel calls with addresses. Pure: no device, no cache. Throws `bad-graph`, `no-variant`
 * when a node has no kernel that fits the capabilities, and `limit-exceeded` for what the device cannot hold. The weight
 * of a linear layer or an embedding that is larger than a binding is split: see {@link splitRequest}, {@link splitTable}.
 */
export function compile(source: Graph, options: CompileOptions): CompiledGraph {
  const expanded = rewrite(placeCaches(source, options.caches), [expandOperators]);
  const fused = options.fuse === false ? expanded : fuse(expanded);
  const sizes: Record<string, number> = {};
  for (const [symbol, range] of Object.entries(fused.symbols)) {
    const { min = 0, max, multipleOf = 1 } = range;
    const size = options.sizes?.[symbol] ?? max - (max % multipleOf);
    const least = Math.max(1, min);
    if (!Number.isSafeInteger(size) || size < least || size > max || size % multipleOf !== 0)
      throw new TilewrightError('bad-argument', {
        subject: 'compile',
        problem: `the size of '${symbol}' is ${size}`,
        requirement: `it must be an integer from ${least} to ${max}${
          multipleOf === 1 ? '' : ` and a multiple of ${multipleOf}`
        }`,
        fix: 'compile for a smaller bucket, or give the graph a larger maximum',
      });
    sizes[symbol] = size;
  }
  const formats = options.formats ?? new Map<string, WeightFormat>();
  const scope = {
    values: { ...fused.values },
    contents: { ...fused.contents },
    scalars: new Set(fused.scalars),
    extents: extentScope(fused.symbols),
  };
  const index = indexGraph(fused);
  const aliases = aliasesOf(fused.nodes, index);
  const viewing = fused.nodes.find(({ operator }) => operator.view)?.operator.view;
  const views = viewing?.place(fused, index, aliases, scope);
  const placed = views?.nodes ?? fused.nodes;
  const copies = views?.copies ?? [];
  const constants = { ...fused.constants };
  const context: LoweringContext = {
    ...fused,
    ...index,
    ...scope,
    // A copy may stand before what is overwritten.
    aliases: views ? aliasesOf(placed, index) : aliases,
    views,
    capabilities: options.capabilities,
    formatOf: (weight) => formats.get(weight) ?? dense('f32'),
    sizes,
    planned: (size) => evaluate(size, sizes),
    constants,
    arranged: (name, shape, make) => {
      constants[name] ??= make() as Float32Array<ArrayBuffer>;
      scope.values[name] ??= { dtype: 'f32', shape };
      return name;
    },
    choosePlan: options.choosePlan ?? ((_kernel, plans) => plans[0]!),
  };
  const lowering = { programs: new Map(), scope };
  const lowered = placed.map((node) => lowerNode(node, context, lowering));
  const peeled = lowered.flatMap((node) => node.peeled);
  const nodes = lowered.flatMap((node) => node.nodes);
  const graph =
    peeled.length + copies.length > 0
      ? checkGraph({ ...fused, values: scope.values, contents: scope.contents, constants, nodes })
      : { ...fused, values: scope.values, constants };
  const calls = lowered.flatMap((node) => node.calls);
  checkTensors(graph, calls);
  const parts = new Map(
    calls.flatMap((call) => (call.part ? [[partName(call.part), call.part] as const] : [])),
  );

  const storageOf = storages(graph, context.aliases, sizes, formats, parts);
  const scratchBytes = (call: KernelCall, name: string): number => {
    const scratch = call.program.scratch.find((each) => each.name === name)!;
    return evaluate(scratch.sizeBytes, resolveSizes(call, sizes));
  };
  const { maxBufferSize } = options.capabilities.limits;
  const memory = planMemory(calls, storageOf, scratchBytes, Math.floor(maxBufferSize / 16) * 16);
  checkMemory(memory, calls, (value) => storageOf(value).root);
  checkLimits(memory, context);
  return Object.freeze({ graph, sizes, calls, memory, formats, parts, peeled, copies });
}

/** Refuses kernels that read integers of which only the graph knows: they are in no buffer. */
function checkTensors({ contents, constants }: Graph, calls: readonly KernelCall[]): void {
  for (const { label, bindings } of calls)
    for (const value of Object.values(bindings))
      if (contents[value] && !constants[value])
        throw new TilewrightError('bad-graph', {
          subject: label,
          problem: `it reads '${value}' as a tensor`,
          requirement: `its elements [${contents[value].map(printExtent).join(', ')}] are known to the graph alone`,
          fix: 'give them as a constant or an input',
        });
}

/** Refuses a plan with a binding larger than the device allows; its arenas are planned within the limit. */
function checkLimits({ buffers, placements }: MemoryPlan, context: LoweringContext): void {
  const bound = largestBinding(context);
  for (const [value, { buffer, sizeBytes }] of Object.entries(placements)) {
    const { kind } = buffers[buffer]!;
    if (sizeBytes > bound)
      throw new TilewrightError('limit-exceeded', {
        subject: kind === 'arena' ? value : buffer.slice(kind.length + 1),
        problem: `this ${kind === 'arena' ? 'temporary' : kind} takes ${sizeBytes} bytes`,
        requirement: `the device binds at most ${bound} bytes at once${
          kind === 'weight' ? ', and gains and biases are not read in parts' : ''
        }`,
        fix: limitFixes[kind],
      });
  }
}

const limitFixes: Readonly<Record<BufferKind, string>> = {
  weight: 'compress it, or use a device with a larger maxStorageBufferBindingSize',
  constant: 'give the graph a shorter maximum length',
  state: 'give the graph a shorter maximum length',
  input: 'compile for fewer tokens at a time',
  output: 'compile for fewer tokens at a time',
  arena: 'compile for fewer tokens at a time',
};

/** A call's dynamic axes under the sizes of a step. */
export function resolveSizes(call: KernelCall, sizes: Sizes): Sizes {
  const resolved: Record<string, number> = { ...sizes };
  for (const [name, extent] of Object.entries(call.sizes))
    // Numbers of a step that are no sizes (a temperature) have no part in grids and bytes.
    if (typeof extent !== 'string' || sizes[extent] !== undefined) resolved[name] = evaluate(extent, sizes);
  return resolved;
}

function storages(
  graph: Graph,
  alias: ReadonlyMap<string, string>,
  sizes: Sizes,
  formats: ReadonlyMap<string, WeightFormat>,
  parts: ReadonlyMap<string, WeightPart>,
): (value: string) => Storage {
  const states = new Set(Object.values(graph.states).map((state) => state.initial));
  const ofHost = graph.nodes.flatMap((node) => (node.operator.host ? Object.values(node.outputs) : []));
  const [inputs, outputs] = [new Set([...graph.inputs, ...ofHost]), new Set(graph.outputs)];
  const kindOf = (root: string): BufferKind => {
    if (graph.weights[root]) return 'weight';
    if (graph.constants[root]) return 'constant';
    if (states.has(root)) return 'state';
    if (inputs.has(root)) return 'input';
    return outputs.has(root) ? 'output' : 'arena';
  };
  return (value) => {
    const part = parts.get(value);
    if (part) return { root: value, kind: 'weight', sizeBytes: part.sizeBytes };
    let root = value;
    for (let next = alias.get(root); next !== undefined; next = alias.get(root)) root = next;
    const kind = kindOf(root);
    const type = graph.values[root]!;
    const format = kind === 'weight' ? formats.get(root) : undefined;
    const sizeBytes = format ? formatBytes(format, type.shape as number[]) : bytesOfType(type, sizes);
    return { root, kind, sizeBytes };
  };
}
