import {
  checkOptions,
  having,
  listOf,
  type Sizes,
  TilewrightError,
  type UniformType,
} from '@tilewright/kernels';
import { bindGroup } from './bind-group.ts';
import type { MutableCounters } from './counters.ts';
import type { ErrorScopes } from './error-scopes.ts';
import { foldWorkgroups } from './fold-workgroups.ts';
import type { Memory } from './memory.ts';
import type { PipelineCache } from './pipelines.ts';
import type { PassTiming } from './pass-timing.ts';
import type { SequenceItem } from './sequence-item.ts';
import { type Cell, createStepRecord } from './step-record.ts';
import { missingValue, unknownValue, wrongValue } from './step-values.ts';
import { createTraffic } from './traffic.ts';

/** Dispatches with their bind groups made once: running it again creates nothing. */
export interface Sequence {
  readonly items: readonly SequenceItem[];
  /** The values that a step must give: dynamic axes and uniforms, or what `sizes` makes them of. */
  readonly names: readonly string[];
  /** Bytes that the sequence itself allocated. */
  readonly uniformBytes: number;
  /**
   * Encodes all in one compute pass and submits. `values`: the dynamic axes and uniforms of this step. Throws
   * `bad-argument` for one that is missing, unknown, or that its type cannot hold.
   */
  run(values: Sizes): void;
  dispose(): void;
}

export interface SequenceHost {
  readonly device: GPUDevice;
  readonly memory: Memory;
  readonly pipelines: PipelineCache;
  readonly counters: MutableCounters;
  readonly timing: PassTiming;
  readonly scopes: ErrorScopes;
  readonly assertUsable: () => void;
}

/** Of the dispatches of a sequence: what encodes them, and the cell that counts their workgroups. */
interface Recorded {
  readonly item: SequenceItem;
  readonly entryPoint: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: Cell;
  /** How `workgroups` folds into three dimensions in this step; all 0 where nothing is to be done. */
  readonly grid: [number, number, number];
}

/** One word of the uniform buffer. */
interface UniformWord {
  readonly item: SequenceItem;
  readonly name: string;
  readonly type: UniformType;
  readonly cell: Cell;
  readonly index: number;
}

export async function createSequence(host: SequenceHost, items: readonly SequenceItem[]): Promise<Sequence> {
  const { device, memory, counters } = host;
  checkOptions(
    'sequence',
    { items },
    { items: listOf(having('a Program with its bindings', 'program', 'bindings')) },
  );
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
  const record = createStepRecord();
  const uniforms = items.flatMap((item, i) =>
    item.program.uniforms.map(({ name, type }, k): UniformWord => ({
      item,
      name,
      type,
      cell: record.cellOf(name, item.sizes),
      index: offsets[i]! / 4 + k,
    })),
  );
  const traffic = createTraffic(record, items);
  const uniform = uniformBytes > 0 ? memory.uniform(uniformBytes, 'sequence uniforms') : undefined;
  const staging = new ArrayBuffer(uniformBytes);
  const words = {
    u32: new Uint32Array(staging),
    i32: new Int32Array(staging),
    f32: new Float32Array(staging),
  };

  let dispatches: readonly Recorded[];
  try {
    dispatches = host.scopes.run(() =>
      items.flatMap((item, i) =>
        compiled[i]!.map((pipeline, index): Recorded => {
          const { entryPoint, workgroups } = item.program.dispatches[index]!;
          return {
            item,
            entryPoint,
            pipeline: pipeline.pipeline,
            group: bindGroup(device, item, index, pipeline, uniform, offsets[i]!),
            workgroups: record.cellOf(workgroups, item.sizes),
            grid: [0, 0, 0],
          };
        }),
      ),
    );
    await host.scopes.settled();
    host.assertUsable();
  } catch (error) {
    if (uniform) memory.free(uniform);
    throw error;
  }
  const buffers = new Map(
    items.flatMap(({ bindings }) => Object.entries(bindings).map(([name, { buffer }]) => [buffer, name])),
  );
  const known = new Set(record.names);
  const missing = (name: string): Error => missingValue(items, name);
  counters.bindGroupsCreated += dispatches.length;
  let disposed = false;
  let frees = -1;
  let movedBytes = 0;
  let encoded = 0;

  /** Brings uniforms, grids and counts up to date with the values of a step. */
  const update = (values: Sizes): void => {
    for (const name in values) if (!known.has(name)) throw unknownValue(items, record.names, name);
    if (!record.update(values, missing)) return;
    try {
      let [first, last] = [Infinity, -1];
      for (const { item, name, type, cell, index } of uniforms) {
        if (!record.changed(cell)) continue;
        const value = record.valueOf(cell);
        words[type][index] = value;
        if (words[type][index] !== (type === 'f32' ? Math.fround(value) : value))
          throw wrongValue(item, name, value);
        first = Math.min(first, index);
        last = Math.max(last, index);
      }
      for (const { item, workgroups, grid } of dispatches) {
        if (!record.changed(workgroups)) continue;
        const total = record.valueOf(workgroups);
        const [x, y, z] = total === 0 ? [0, 0, 0] : foldWorkgroups(total, item.program.kernel);
        [grid[0], grid[1], grid[2]] = [x, y, z];
      }
      if (last >= 0)
        memory.upload(
          { buffer: uniform!, offsetBytes: 0, sizeBytes: uniform!.size },
          words.u32.subarray(first, last + 1),
          4 * first,
        );
    } catch (error) {
      record.forget();
      throw error;
    }
    movedBytes = traffic();
    encoded = dispatches.reduce((count, { grid }) => count + (grid[0] === 0 ? 0 : 1), 0);
  };
  const encode = (pass: GPUComputePassEncoder): void => {
    for (const { pipeline, group, grid } of dispatches) {
      if (grid[0] === 0) continue;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
    }
    pass.end();
  };
  const runStep = (values: Sizes): void => {
    if (disposed)
      throw new TilewrightError('disposed', { subject: 'sequence', problem: 'it was run after dispose()' });
    if (memory.frees() !== frees) {
      for (const [buffer, name] of buffers) if (memory.wasFreed(buffer)) throw freedTensor('sequence', name);
      frees = memory.frees();
    }
    update(values);
    const encoder = device.createCommandEncoder();
    if (host.timing.encode)
      host.timing.encode(
        encoder,
        dispatches.filter(({ grid }) => grid[0] !== 0),
      );
    else if (encoded > 0) encode(encoder.beginComputePass());
    device.queue.submit([encoder.finish()]);
    counters.submits++;
    counters.dispatches += encoded;
    counters.movedBytes += movedBytes;
  };
  return {
    items,
    names: record.names,
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

export function freedTensor(subject: string, name: string): TilewrightError {
  return new TilewrightError('disposed', {
    subject,
    problem: `the tensor '${name}' was used after dispose()`,
    fix: 'dispose of it later, or make a new one',
  });
}
