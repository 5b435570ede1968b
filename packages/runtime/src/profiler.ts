import type { ErrorScopes } from './error-scopes.ts';
import type { Memory, Readback } from './memory.ts';

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
  /** For sequences: whether passes are being timed. */
  readonly recording: boolean;
  /** For sequences: what one entry covers now. */
  readonly unit: ProfileUnit;
  /** For sequences: the timestamp writes of the next pass, or undefined while nothing is recorded. */
  nextPass(label: string): GPUComputePassTimestampWrites | undefined;
  resolve(encoder: GPUCommandEncoder): void;
}

const capacity = 2048; // passes per recording: one query set of 4096 timestamps, WebGPU's maximum

export function createProfiler(device: GPUDevice, memory: Memory, scopes: ErrorScopes): Profiler {
  const available = device.features.has('timestamp-query');
  let labels: string[] | undefined;
  let querySet: GPUQuerySet | undefined;
  let results: GPUBuffer | undefined;
  let staging: Readback | undefined;
  let unit: ProfileUnit = 'dispatch';
  return {
    available,
    get recording() {
      return labels !== undefined;
    },
    get unit() {
      return unit;
    },
    async record(body, of = 'dispatch') {
      if (!available) {
        body();
        return [];
      }
      scopes.run(() => {
        querySet ??= device.createQuerySet({ type: 'timestamp', count: capacity * 2 });
        results ??= device.createBuffer({ size: capacity * 16, usage: 0x200 | 0x4, label: 'timestamps' });
      });
      staging ??= memory.readback(capacity * 16, 'timestamps');
      const recorded: string[] = [];
      labels = recorded;
      unit = of;
      try {
        body();
      } finally {
        labels = undefined;
        unit = 'dispatch';
      }
      if (recorded.length === 0) return [];
      const bytes = await staging.read({
        buffer: results!,
        offsetBytes: 0,
        sizeBytes: recorded.length * 16,
      });
      const ticks = new BigUint64Array(bytes.buffer as ArrayBuffer);
      return recorded.map((label, i) => ({ label, timeMs: Number(ticks[2 * i + 1]! - ticks[2 * i]!) / 1e6 }));
    },
    nextPass(label) {
      if (!labels || !querySet || labels.length === capacity) return undefined;
      const index = labels.push(label) - 1;
      return { querySet, beginningOfPassWriteIndex: 2 * index, endOfPassWriteIndex: 2 * index + 1 };
    },
    resolve(encoder) {
      // Always from the start: the destination of a resolve must be aligned to 256 bytes.
      if (labels && labels.length > 0) encoder.resolveQuerySet(querySet!, 0, 2 * labels.length, results!, 0);
    },
  };
}
