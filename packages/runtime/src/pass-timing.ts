import type { SequenceItem } from './sequence-item.ts';

/** A dispatch of a step that is to be timed. */
export interface TimedDispatch {
  readonly item: SequenceItem;
  readonly entryPoint: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

/** Where a profiler takes part: while it records, it encodes the steps in passes that it times. */
export interface PassTiming {
  encode: ((encoder: GPUCommandEncoder, dispatches: readonly TimedDispatch[]) => void) | undefined;
  /** Runs `work` such that what goes wrong on the device is reported. */
  readonly scoped: (work: () => void) => void;
}
