import { checkOptions, having } from '@tilewright/kernels';
import type { Device } from './device.ts';
import type { TimedDispatch } from './pass-timing.ts';
import type { Readback } from './memory.ts';

/** GPU time of one dispatch. */
export interface ProfileEntry {
  readonly label: string;
  readonly timeMs: number;
}

/** What one entry of a recording covers: a dispatch in a pass of its own, or the one pass of a whole `Sequence.run`. */
export type ProfileUnit = 'dispatch' | 'run';

/** Times passes by timestamp queries at their boundaries. */
export interface Profiler {
  /** False on devices without `timestamp-query`: `record` then returns no entries. */
  readonly available: boolean;
  /** Runs `body` and returns the GPU times of what it submitted, by dispatch (the default) or by run. */
  record(body: () => void, unit?: ProfileUnit): Promise<readonly ProfileEntry[]>;
}

const capacity = 2048; // passes per recording: one query set of 4096 timestamps, WebGPU's maximum
const profilers = new WeakMap<Device, Profiler>();

/** The profiler of a device; it makes its own buffers the first time it records. Apart from the device: a page has no use for it. */
export function profilerOf(device: Device): Profiler {
  checkOptions('profilerOf', { device }, { device: having('what openDevice gives', 'timing') });
  const known = profilers.get(device);
  if (known) return known;
  const made = createProfiler(device);
  profilers.set(device, made);
  return made;
}

function createProfiler({ gpu, memory, timing }: Device): Profiler {
  const available = gpu.features.has('timestamp-query');
  let querySet: GPUQuerySet | undefined;
  let results: GPUBuffer | undefined;
  let staging: Readback | undefined;
  return {
    available,
    async record(body, unit = 'dispatch') {
      if (!available) {
        body();
        return [];
      }
      timing.scoped(() => {
        querySet ??= gpu.createQuerySet({ type: 'timestamp', count: capacity * 2 });
        results ??= gpu.createBuffer({ size: capacity * 16, usage: 0x200 | 0x4, label: 'timestamps' });
      });
      staging ??= memory.readback(capacity * 16, 'timestamps');
      const labels: string[] = [];
      const nextPass = (label: string): GPUComputePassTimestampWrites | undefined => {
        if (!querySet || labels.length === capacity) return undefined;
        const index = labels.push(label) - 1;
        return { querySet, beginningOfPassWriteIndex: 2 * index, endOfPassWriteIndex: 2 * index + 1 };
      };
      timing.encode = (encoder, dispatches) => {
        const passes = unit === 'dispatch' ? dispatches.map((each) => [each]) : [dispatches];
        for (const part of passes) encodePass(encoder, part, nextPass);
        // Always from the start: the destination of a resolve must be aligned to 256 bytes.
        if (labels.length > 0) encoder.resolveQuerySet(querySet!, 0, 2 * labels.length, results!, 0);
      };
      try {
        body();
      } finally {
        timing.encode = undefined;
      }
      if (labels.length === 0) return [];
      const bytes = await staging.read({ buffer: results!, offsetBytes: 0, sizeBytes: labels.length * 16 });
      const ticks = new BigUint64Array(bytes.buffer as ArrayBuffer);
      return labels.map((label, i) => ({ label, timeMs: Number(ticks[2 * i + 1]! - ticks[2 * i]!) / 1e6 }));
    },
  };
}

/** A pass with the label of its first dispatch. */
function encodePass(
  encoder: GPUCommandEncoder,
  dispatches: readonly TimedDispatch[],
  nextPass: (label: string) => GPUComputePassTimestampWrites | undefined,
): void {
  const [first] = dispatches;
  if (!first) return;
  const { label, program } = first.item;
  const timestampWrites = nextPass(`${label ?? program.kernel}.${first.entryPoint}`);
  const pass = encoder.beginComputePass(timestampWrites && { timestampWrites });
  for (const { pipeline, group, grid } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...grid);
  }
  pass.end();
}
