/** What a device has done so far; every number is counted where it happens, never estimated. */
export interface Counters {
  readonly submits: number;
  readonly dispatches: number;
  /** Sum over dispatches of the bytes they address: the bound slices, gathers and caches by rows. */
  readonly movedBytes: number;
  readonly buffersCreated: number;
  readonly buffersAlive: number;
  readonly bytesAlive: number;
  readonly peakBytesAlive: number;
  readonly bindGroupsCreated: number;
  readonly pipelinesCompiled: number;
  /** Time during which at least one pipeline was being compiled. */
  readonly compileMs: number;
}

export type MutableCounters = { -readonly [Name in keyof Counters]: number };

export const newCounters = (): MutableCounters => ({
  submits: 0,
  dispatches: 0,
  movedBytes: 0,
  buffersCreated: 0,
  buffersAlive: 0,
  bytesAlive: 0,
  peakBytesAlive: 0,
  bindGroupsCreated: 0,
  pipelinesCompiled: 0,
  compileMs: 0,
});
