import { type HostTensor, type StateDict, TilewrightError } from '@tilewright/kernels';
import { formatBytes } from '@tilewright/kernels/weights/unchecked';
import { dense } from '@tilewright/kernels/weights/dense';
import type { BufferSlice, Device, SequenceItem } from '@tilewright/runtime';
import type { CompiledGraph } from './compile.ts';
import { bindExecutable, disposedSession, type Executable } from './executable.ts';
import { uniformBytes } from './explain.ts';
import { bytesOfType } from './ir.ts';
import { scratchName } from './memory-plan.ts';
import { selectRows } from '@tilewright/kernels/weights/unchecked';

/** Executables that share weights, states and scratch memory: prefill and decode of one model. */
export interface Session {
  readonly executables: Readonly<Record<string, Executable>>;
  /** Bytes that `loadSession` allocated: always equal to {@link plannedBytes}. */
  readonly allocatedBytes: number;
  /** Zeroes states, all of them where none are named. */
  reset(states?: readonly string[]): void;
  /** The slice of a state, a weight or an output, by the name it has in the graph. */
  slice(kind: 'state' | 'weight' | 'output', name: string): BufferSlice;
  dispose(): void;
}

interface SharedBuffer {
  readonly kind: string;
  readonly sizeBytes: number;
}

/** The buffers that a set of compiled graphs needs together, by name: those of the same name are shared. */
export function sharedBuffers(
  graphs: Readonly<Record<string, CompiledGraph>>,
): Readonly<Record<string, SharedBuffer>> {
  const shared: Record<string, SharedBuffer> = {};
  for (const { memory } of Object.values(graphs))
    for (const [name, { kind, sizeBytes }] of Object.entries(memory.buffers)) {
      const known = shared[name];
      if (
        known &&
        (kind === 'weight' || kind === 'state' || kind === 'constant') &&
        known.sizeBytes !== sizeBytes
      )
        throw new TilewrightError('bad-graph', {
          subject: name,
          problem: `two graphs of a session want it with ${known.sizeBytes} and ${sizeBytes} bytes`,
          fix: 'compile all graphs of a session with the same formats and state shapes',
        });
      shared[name] = {
        kind,
        sizeBytes: Math.max(sizeBytes, known?.sizeBytes ?? 0),
      };
    }
  return shared;
}

/** Bytes a session of these graphs will allocate, exactly. */
export function plannedBytes(graphs: Readonly<Record<string, CompiledGraph>>): number {
  const buffers = Object.values(sharedBuffers(graphs)).reduce((sum, each) => sum + each.sizeBytes, 0);
  return Object.values(graphs).reduce(
    (sum, graph) => sum + uniformBytes(graph) + readbackBytes(graph),
    buffers,
  );
}

const readbackBytes = ({ graph, sizes }: CompiledGraph): number =>
  graph.outputs.reduce(
    (sum, name) => sum + Math.max(16, Math.ceil(bytesOfType(graph.values[name]!, sizes) / 16) * 16),
    0,
  );

/**
 * Allocates, uploads and binds. Weights come from a prepared state dict (see `prepareWeights`). Throws `bad-model` for
 * missing weights, `out-of-memory` with what was asked for.
 */
export async function loadSession(
  device: Device,
  graphs: Readonly<Record<string, CompiledGraph>>,
  weights: StateDict,
): Promise<Session> {
  const planned = sharedBuffers(graphs);
  const buffers: Record<string, GPUBuffer> = {};
  const executables: Record<string, Executable> = {};
  const owned: { dispose(): void }[] = [];
  let allocatedBytes = 0;
  let disposed = false;
  const dispose = (): void => {
    disposed = true;
    for (const each of owned) each.dispose();
    for (const buffer of Object.values(buffers)) device.memory.free(buffer);
  };
  try {
    await device.allocating('loadSession', plannedBytes(graphs), () => {
      for (const [name, { sizeBytes }] of Object.entries(planned))
        allocatedBytes += (buffers[name] = device.memory.storage(sizeBytes, name)).size;
    });
    const filled = new Set<string>();
    for (const compiled of Object.values(graphs)) uploadFixed(device, compiled, buffers, weights, filled);
    for (const [name, compiled] of Object.entries(graphs)) {
      const sequence = await device.sequence(sequenceItems(compiled, buffers));
      owned.push(sequence);
      // Other sessions may be loading, but nothing comes between these two readings.
      const before = device.counters.bytesAlive;
      const executable = bindExecutable(device, compiled, sequence, buffers);
      owned.push(executable);
      allocatedBytes += sequence.uniformBytes + device.counters.bytesAlive - before;
      executables[name] = executable;
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    executables,
    allocatedBytes,
    reset(states) {
      if (disposed) throw disposedSession('reset', 'the session');
      for (const [name, { kind, sizeBytes }] of Object.entries(planned))
        if (kind === 'state' && (states?.includes(name.slice('state '.length)) ?? true))
          device.memory.clear({
            buffer: buffers[name]!,
            offsetBytes: 0,
            sizeBytes,
          });
    },
    slice(kind, name) {
      if (disposed) throw disposedSession('slice', 'the session');
      const buffer = buffers[`${kind} ${name}`];
      if (buffer) return { buffer, offsetBytes: 0, sizeBytes: buffer.size };
      throw new TilewrightError('bad-argument', {
        subject: 'session',
        problem: `there is no ${kind} '${name}'`,
        requirement: `it has ${
          Object.keys(buffers)
            .filter((each) => each.startsWith(kind))
            .join(', ') || 'none'
        }`,
      });
    },
    dispose,
  };
}

function sequenceItems(
  { calls, memory }: CompiledGraph,
  buffers: Readonly<Record<string, GPUBuffer>>,
): SequenceItem[] {
  return calls.map((call, index) => ({
    program: call.program,
    label: call.label,
    sizes: call.sizes,
    addressedBytes: call.addressedBytes,
    bindings: Object.fromEntries(
      call.program.bindings.map(({ name, role }) => {
        const value = role === 'scratch' ? scratchName(index, name) : call.bindings[name]!;
        const { buffer, offsetBytes, sizeBytes } = memory.placements[value]!;
        return [name, { buffer: buffers[buffer]!, offsetBytes, sizeBytes }];
      }),
    ),
  }));
}

function uploadFixed(
  device: Device,
  { graph, memory, parts, formats }: CompiledGraph,
  buffers: Readonly<Record<string, GPUBuffer>>,
  weights: StateDict,
  filled: Set<string>,
): void {
  for (const [value, { buffer, sizeBytes }] of Object.entries(memory.placements)) {
    if (filled.has(buffer)) continue;
    filled.add(buffer);
    const slice = { buffer: buffers[buffer]!, offsetBytes: 0, sizeBytes };
    const constant = graph.constants[value];
    if (constant) device.memory.upload(slice, constant);
    if (graph.weights[value]) device.memory.upload(slice, weightOf(weights, value, sizeBytes).bytes);
    const part = parts.get(value);
    if (!part) continue;
    const format = formats.get(part.weight) ?? dense('f32');
    const whole = formatBytes(format, graph.values[part.weight]!.shape as number[]);
    device.memory.upload(slice, selectRows(weightOf(weights, part.weight, whole), part.rows).bytes);
  }
}

function weightOf(weights: StateDict, name: string, sizeBytes: number): HostTensor {
  const tensor = weights.get(name);
  if (tensor && Math.ceil(tensor.bytes.byteLength / 4) === Math.ceil(sizeBytes / 4)) return tensor;
  throw new TilewrightError('bad-model', {
    subject: name,
    problem: tensor ? `the weight has ${tensor.bytes.byteLength} bytes` : 'the weight is missing',
    requirement: `the compiled graph reads ${sizeBytes} bytes`,
    fix: 'prepare the weights with the graph that was compiled, and compile with their formats',
  });
}
