import { evaluate, type Extent, type Program, type Sizes, TilewrightError } from '@tilewright/kernels';
import type { MutableCounters } from './counters.ts';
import type { ErrorScopes } from './error-scopes.ts';
import type { BufferSlice, Memory } from './memory.ts';
import type { Pipeline, PipelineCache } from './pipelines.ts';
import type { Profiler } from './profiler.ts';

/** One Program of a sequence, with what it works on. */
export interface SequenceItem {
  readonly program: Program;
  /** A slice for every binding of the Program, scratch included. */
  readonly bindings: Readonly<Record<string, BufferSlice>>;
  /** The Program's dynamic axes and uniforms as functions of the sequence's values; absent ones keep their own name. */
  readonly sizes?: Readonly<Record<string, Extent>>;
  /** Bytes a dispatch really addresses of a binding, where that is less than the slice (gathers, caches). */
  readonly addressedBytes?: Readonly<Record<string, Extent>>;
  /** For profiles and errors; default the kernel's name. */
  readonly label?: string;
}

/** Dispatches with their bind groups made once: running it again creates nothing. */
export interface Sequence {
  readonly items: readonly SequenceItem[];
  /** Bytes that the sequence itself allocated. */
  readonly uniformBytes: number;
  /**
   * Encodes all in one compute pass and submits. `values`: the dynamic axes and uniforms of this step. Throws
   * `bad-argument` for one that is missing or that its type cannot hold.
   */
  run(values: Sizes): void;
  dispose(): void;
}

interface Ready {
  readonly item: SequenceItem;
  readonly uniformOffset: number;
  readonly dispatches: readonly {
    readonly pipeline: GPUComputePipeline;
    readonly group: GPUBindGroup;
    readonly index: number;
  }[];
}

export interface SequenceHost {
  readonly device: GPUDevice;
  readonly memory: Memory;
  readonly pipelines: PipelineCache;
  readonly counters: MutableCounters;
  readonly profiler: Profiler;
  readonly scopes: ErrorScopes;
  readonly assertUsable: () => void;
}

export async function createSequence(host: SequenceHost, items: readonly SequenceItem[]): Promise<Sequence> {
  const { device, memory, counters } = host;
  host.assertUsable();
  const compiled = await Promise.all(items.map((item) => host.pipelines.compile(item.program)));
  host.assertUsable();
  // WebGPU's largest minimum, so that the bytes are the same on every device and can be planned without one.
  const alignment = 256;
  let uniformBytes = 0;
  const offsets = items.map(({ program }) => {
    const offset = uniformBytes;
    uniformBytes += Math.ceil((program.uniforms.length * 4) / alignment) * alignment;
    return offset;
  });
  const uniform = uniformBytes > 0 ? memory.uniform(uniformBytes, 'sequence uniforms') : undefined;
  const staging = new ArrayBuffer(uniformBytes);
  const words = {
    u32: new Uint32Array(staging),
    i32: new Int32Array(staging),
    f32: new Float32Array(staging),
  };

  let ready: readonly Ready[];
  try {
    ready = host.scopes.run(() =>
      items.map((item, i) => ({
        item,
        uniformOffset: offsets[i]!,
        dispatches: compiled[i]!.map((pipeline, index) => ({
          pipeline: pipeline.pipeline,
          group: bindGroup(device, item, index, pipeline, uniform, offsets[i]!),
          index,
        })),
      })),
    );
    await host.scopes.settled();
    host.assertUsable();
  } catch (error) {
    if (uniform) memory.free(uniform);
    throw error;
  }
  const names = new Map(
    items.flatMap(({ bindings }) => Object.entries(bindings).map(([name, { buffer }]) => [buffer, name])),
  );
  counters.bindGroupsCreated += ready.reduce((sum, each) => sum + each.dispatches.length, 0);
  let disposed = false;

  const runStep = (values: Sizes): void => {
    if (disposed)
      throw new TilewrightError('disposed', { subject: 'sequence', problem: 'it was run after dispose()' });
    for (const [buffer, name] of names) if (memory.wasFreed(buffer)) throw freedTensor('sequence', name);
    const sizesOf = items.map((item) => resolveSizes(item, values));
    ready.forEach(({ item, uniformOffset }, i) => {
      item.program.uniforms.forEach(({ name, type }, k) => {
        const value = sizesOf[i]![name]!;
        const at = uniformOffset / 4 + k;
        words[type][at] = value;
        if (words[type][at] !== (type === 'f32' ? Math.fround(value) : value))
          throw wrongValue(item.program, name, value);
      });
    });
    if (uniform) memory.upload({ buffer: uniform, offsetBytes: 0, sizeBytes: uniform.size }, staging);

    const encoder = device.createCommandEncoder();
    let pass: GPUComputePassEncoder | undefined;
    ready.forEach(({ item, dispatches }, i) => {
      const { program } = item;
      for (const { pipeline, group, index } of dispatches) {
        const dispatch = program.dispatches[index]!;
        const total = evaluate(dispatch.workgroups, sizesOf[i]!);
        if (total === 0) continue;
        const label = item.label ?? program.kernel;
        const alone = host.profiler.unit === 'dispatch';
        const timed = alone || !pass ? host.profiler.nextPass(`${label}.${dispatch.entryPoint}`) : undefined;
        if (timed) pass?.end();
        if (timed || !pass) pass = encoder.beginComputePass(timed ? { timestampWrites: timed } : undefined);
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...foldWorkgroups(total, program.kernel));
        if (timed && alone) {
          pass.end();
          pass = undefined;
        }
        counters.dispatches++;
        for (const name of dispatch.bindings) {
          const addressed = item.addressedBytes?.[name];
          counters.movedBytes +=
            addressed === undefined ? item.bindings[name]!.sizeBytes : evaluate(addressed, values);
        }
      }
    });
    pass?.end();
    host.profiler.resolve(encoder);
    device.queue.submit([encoder.finish()]);
    counters.submits++;
  };
  return {
    items,
    uniformBytes: uniform?.size ?? 0,
    run(values) {
      host.assertUsable();
      host.scopes.run(() => runStep(values));
    },
    dispose() {
      if (!disposed && uniform) memory.free(uniform);
      disposed = true;
    },
  };
}

function wrongValue(program: Program, name: string, value: number | undefined): TilewrightError {
  return new TilewrightError('bad-argument', {
    subject: program.kernel,
    problem: `'${name}' is ${value}`,
    requirement: `a run needs ${program.uniforms.map((each) => `${each.name} (${each.type})`).join(', ')}`,
  });
}

export function freedTensor(subject: string, name: string): TilewrightError {
  return new TilewrightError('disposed', {
    subject,
    problem: `the tensor '${name}' was used after dispose()`,
    fix: 'dispose of it later, or make a new one',
  });
}

function resolveSizes(item: SequenceItem, values: Sizes): Sizes {
  if (!item.sizes) return values;
  const sizes: Record<string, number> = { ...values };
  for (const [name, extent] of Object.entries(item.sizes)) sizes[name] = evaluate(extent, values);
  return sizes;
}

/** Splits a linear count over three dimensions of at most 65,535; a few surplus workgroups return at once. */
export function foldWorkgroups(total: number, subject: string): [number, number, number] {
  const most = 65_535;
  const z = Math.ceil(total / most ** 2);
  if (z > most)
    throw new TilewrightError('limit-exceeded', {
      subject,
      problem: `${total} workgroups were asked for`,
      requirement: `a dispatch has at most 65,535³`,
    });
  const layer = Math.ceil(total / z);
  const rows = Math.ceil(layer / most);
  return [Math.ceil(layer / rows), rows, z];
}

function bindGroup(
  device: GPUDevice,
  item: SequenceItem,
  index: number,
  { layout }: Pipeline,
  uniform: GPUBuffer | undefined,
  uniformOffset: number,
): GPUBindGroup {
  const { program } = item;
  const used = program.dispatches[index]!.bindings;
  const entries: GPUBindGroupEntry[] = [];
  program.bindings.forEach(({ name }, binding) => {
    if (!used.includes(name)) return;
    const slice = item.bindings[name];
    if (!slice)
      throw new TilewrightError('bad-argument', {
        subject: program.kernel,
        problem: `nothing is bound to '${name}'`,
        requirement: `the program binds ${program.bindings.map((each) => each.name).join(', ')}`,
      });
    const size = Math.min(Math.ceil(slice.sizeBytes / 16) * 16, slice.buffer.size - slice.offsetBytes);
    const most = device.limits.maxStorageBufferBindingSize;
    if (size > most)
      throw new TilewrightError('limit-exceeded', {
        subject: program.kernel,
        problem: `'${name}' takes ${size} bytes`,
        requirement: `this device binds at most ${most} bytes at once`,
        fix: 'split the tensor along its rows',
      });
    entries.push({ binding, resource: { buffer: slice.buffer, offset: slice.offsetBytes, size } });
  });
  if (uniform && program.uniforms.length > 0)
    entries.push({
      binding: program.bindings.length,
      resource: {
        buffer: uniform,
        offset: uniformOffset,
        size: Math.ceil((program.uniforms.length * 4) / 16) * 16,
      },
    });
  return device.createBindGroup({ layout, entries, label: item.label ?? program.kernel });
}
