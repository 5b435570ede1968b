import { evaluate, demandNames, demandObject, type Sizes, TilewrightError } from '@tilewright/kernels';
import type { BufferSlice, ByteData, Device, Sequence, TensorData } from '@tilewright/runtime';
import { decodeTensor, encodeTensor } from '@tilewright/runtime/unchecked';
import type { CompiledGraph } from './compile.ts';
import { hostOf } from './host-nodes.ts';
import { printExtent, printShape, type SymbolRange } from './extent/index.ts';
import { bytesOfType, type Equality } from './ir.ts';

/** Numbers of a value: of 8-bit ones, their bytes. */
export type ValueData = TensorData | ByteData;

/** A compiled graph on a device. */
export interface Executable {
  readonly compiled: CompiledGraph;
  /**
   * Writes the inputs, encodes every call in one pass and submits. `sizes` gives the symbols and the kernels' uniforms
   * of this step; inputs keep their last values. Throws `bad-argument` for a symbol beyond the compiled size or an input
   * that was never given, `bad-shape` and `bad-dtype` for inputs that do not fit, `disposed` after the session is gone.
   */
  run(sizes: Sizes, inputs?: Readonly<Record<string, ValueData>>): void;
  /**
   * The first elements of an output, as many as the sizes of the last run make it. Throws what went wrong on the device,
   * and `disposed` also where that happens during the read.
   */
  read(output: string): Promise<ValueData>;
}

/** Makes the executable of a compiled graph whose sequence and buffers exist; disposing frees only its readbacks. */
export function bindExecutable(
  device: Device,
  compiled: CompiledGraph,
  sequence: Sequence,
  buffers: Readonly<Record<string, GPUBuffer>>,
): Executable & { dispose(): void } {
  const { graph, memory, sizes: largest } = compiled;
  let last = largest;
  const known = [...Object.keys(largest), ...graph.scalars];
  const missing = new Set(graph.inputs);
  const sliceOf = (value: string): BufferSlice => {
    const { buffer, offsetBytes, sizeBytes } = memory.placements[value]!;
    return { buffer: buffers[buffer]!, offsetBytes, sizeBytes };
  };
  const readers = Object.fromEntries(
    graph.outputs.map((name) => [
      name,
      device.memory.readback(bytesOfType(graph.values[name]!, largest), `readback ${name}`),
    ]),
  );
  const host = hostOf(compiled, (value, numbers) => device.memory.upload(sliceOf(value), numbers));
  let disposed = false;
  const assertAlive = (subject: string): void => {
    if (disposed) throw disposedSession(subject, 'the executable');
  };
  return {
    compiled,
    run(sizes, inputs = {}) {
      assertAlive('run');
      demandObject('run', 'sizes', sizes);
      demandObject('run', 'inputs', inputs);
      for (const [symbol, most] of Object.entries(largest))
        checkSize(symbol, sizes[symbol] ?? most, most, graph.symbols[symbol]!);
      demandNames('run', inputs, graph.inputs, (name) => `'${name}' is not an input`, 'the inputs are');
      demandNames(
        'run',
        sizes,
        known,
        (name) => `nothing reads a number named '${name}'`,
        'this executable takes',
      );
      last = { ...largest, ...sizes };
      for (const equality of graph.equalities) checkEquality(equality, last);
      for (const [name, data] of Object.entries(inputs)) {
        writeInput(device, compiled, sliceOf, name, data, last);
        host.give(name, data);
        missing.delete(name);
      }
      if (missing.size > 0)
        throw new TilewrightError('bad-argument', {
          subject: 'run',
          problem: `the input '${[...missing][0]}' was never given`,
        });
      host.run(last);
      const values: Record<string, number> = {};
      for (const name of sequence.names) {
        const value = last[name];
        if (value !== undefined) values[name] = value;
      }
      sequence.run(values);
    },
    async read(output) {
      assertAlive('read');
      const reader = readers[output];
      const type = graph.values[output];
      if (!reader || !type)
        throw new TilewrightError('bad-argument', {
          subject: 'read',
          problem: `'${output}' is not an output`,
          requirement: `the outputs are ${graph.outputs.join(', ')}`,
        });
      const size = bytesOfType(type, last);
      // What has no elements has no buffer either.
      const slice = size > 0 && sliceOf(output);
      const bytes = slice
        ? await reader.read({ ...slice, sizeBytes: Math.min(slice.sizeBytes, size) })
        : new Uint8Array();
      return decodeTensor(bytes, type.dtype);
    },
    dispose() {
      disposed = true;
      for (const reader of Object.values(readers)) reader.dispose();
    },
  };
}

function checkSize(
  symbol: string,
  size: number,
  most: number,
  { min = 0, multipleOf = 1 }: SymbolRange,
): void {
  const refused = (requirement: string, fix: string): TilewrightError =>
    new TilewrightError('bad-argument', {
      subject: 'run',
      problem: `'${symbol}' is ${size}`,
      requirement,
      fix,
    });
  if (!Number.isSafeInteger(size) || size < 0 || size > most)
    throw refused(`this executable was compiled for at most ${most}`, 'split the input into chunks');
  if (size < min) throw refused(`the graph was built for ${min} or more`, 'pad the input');
  if (size % multipleOf !== 0)
    throw refused(`the graph was built for multiples of ${multipleOf}`, 'pad the input');
}

/** What the graph could not decide. */
function checkEquality({ subject, sizes: [a, b] }: Equality, sizes: Sizes): void {
  const [left, right] = [evaluate(a, sizes), evaluate(b, sizes)];
  if (left === right) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `${printExtent(a)} is ${left} and ${printExtent(b)} is ${right}`,
    requirement: 'the node needs both to be equal, which only a run could tell',
    fix: `give sizes that make ${printExtent(a)} and ${printExtent(b)} equal`,
  });
}

export const disposedSession = (subject: string, what: string): TilewrightError =>
  new TilewrightError('disposed', {
    subject,
    problem: `${what} was used after its session was disposed of`,
    fix: 'load the session again',
  });

function writeInput(
  device: Device,
  { graph, memory }: CompiledGraph,
  sliceOf: (value: string) => BufferSlice,
  name: string,
  data: ValueData,
  sizes: Sizes,
): void {
  const type = graph.values[name]!;
  const want = bytesOfType(type, sizes);
  const bytes = encodeTensor(data, type.dtype, name);
  if (bytes.byteLength !== want)
    throw new TilewrightError('bad-shape', {
      subject: name,
      problem: `the data has ${bytes.byteLength} bytes`,
      requirement: `${printShape(type.shape)} with these sizes has ${want}`,
      fix: 'give one number per element',
    });
  if (want > 0 && memory.placements[name]) device.memory.upload(sliceOf(name), bytes);
}
