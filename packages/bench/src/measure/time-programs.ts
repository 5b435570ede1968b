import { type Program, type Sizes, TilewrightError } from '@tilewright/kernels';
import {
  type BufferSlice,
  type Device,
  profilerOf,
  type Sequence,
  type SequenceItem,
} from '@tilewright/runtime';
import { type Percentiles, percentiles } from './statistics.ts';

/** What is timed: a Program on its buffers. */
export interface TimedProgram {
  readonly program: Program;
  readonly bindings: Readonly<Record<string, BufferSlice>>;
  /** Dynamic axes and uniforms. */
  readonly values: Sizes;
}

/** `timestamp`: GPU time between the ends of a pass. `wall`: submit until done, as the host sees it. */
export type Clock = 'timestamp' | 'wall';

/** `warm`: run again and again on the same buffers. `cold`: the caches are flushed before every run. */
export type CacheState = 'warm' | 'cold';

export interface TimingOptions {
  /** Samples of each Program, interleaved; default 15. */
  readonly samples?: number;
  /** A sample repeats its Program until it lasts about this long; default 2 ms. */
  readonly minSampleMs?: number;
  /** No Program is sampled for much longer than this, but always at least 3 times; default 2000 ms. */
  readonly budgetMs?: number;
  readonly cache?: CacheState;
  /** Ends the timing with its reason before the next sample. */
  readonly signal?: AbortSignal;
  /** Runs between samples when the cache is to be cold. */
  readonly flush?: TimedProgram;
}

export interface Timing {
  /** Of one run of the Program. */
  readonly timeMs: Percentiles;
  readonly clock: Clock;
  readonly cache: CacheState;
  /** Runs per sample. */
  readonly repeats: number;
  readonly samples: number;
}

interface Prepared {
  readonly sequence: Sequence;
  readonly repeats: number;
  readonly rounds: number;
  readonly samples: number[];
}

const label = 'timed';
const mostRepeats = 512;

/**
 * Times Programs against each other in one process: warmed up, then sampled in turns, so that a change of clock speed
 * or of load meets all of them alike.
 */
export async function timeInterleaved(
  device: Device,
  programs: readonly TimedProgram[],
  options: TimingOptions = {},
): Promise<readonly Timing[]> {
  const { samples = 15, minSampleMs = 2, budgetMs = 2000, cache = 'warm', flush, signal } = options;
  const cold = cache === 'cold';
  if (cold && (!profilerOf(device).available || !flush))
    throw new TilewrightError('missing-feature', {
      subject: 'bench',
      problem: 'cold-cache times cannot be measured on this device',
      requirement: 'a flush runs beside each sample, and only timestamp-query tells the two apart',
      fix: 'measure with a warm cache',
    });
  const prepared: Prepared[] = [];
  try {
    for (const timed of programs) {
      signal?.throwIfAborted();
      const once = await device.sequence([itemOf(timed)]);
      await sample(device, once, 1, cold);
      const onceMs = Math.max(1e-4, await sample(device, once, 1, cold));
      once.dispose();
      const repeats = Math.min(cold ? 8 : mostRepeats, Math.max(1, Math.ceil(minSampleMs / onceMs)));
      const items = Array.from({ length: repeats }, () => [
        ...(cold ? [itemOf(flush!, 'flush')] : []),
        itemOf(timed),
      ]).flat();
      const sequence = await device.sequence(items);
      const rounds = Math.max(3, Math.min(samples, Math.floor(budgetMs / (repeats * onceMs))));
      await sample(device, sequence, repeats, cold);
      prepared.push({ sequence, repeats, rounds, samples: [] });
    }
    for (let round = 0; round < samples; round++) {
      for (const each of prepared) {
        if (round >= each.rounds) continue;
        signal?.throwIfAborted();
        each.samples.push(await sample(device, each.sequence, each.repeats, cold));
      }
    }
    return prepared.map((each) => ({
      timeMs: percentiles(each.samples),
      clock: profilerOf(device).available ? 'timestamp' : 'wall',
      cache,
      repeats: each.repeats,
      samples: each.samples.length,
    }));
  } finally {
    for (const { sequence } of prepared) sequence.dispose();
  }
}

const itemOf = ({ program, bindings, values }: TimedProgram, name = label): SequenceItem => ({
  program,
  bindings,
  label: name,
  sizes: values,
});

/** Milliseconds of one run, averaged over the repeats of the sequence. */
async function sample(device: Device, sequence: Sequence, repeats: number, cold: boolean): Promise<number> {
  if (!profilerOf(device).available) {
    const start = performance.now();
    sequence.run({});
    await device.idle();
    return (performance.now() - start) / repeats;
  }
  const entries = await profilerOf(device).record(() => sequence.run({}), cold ? 'dispatch' : 'run');
  const own = cold ? entries.filter((entry) => entry.label.startsWith(`${label}.`)) : entries;
  return own.reduce((sum, { timeMs }) => sum + timeMs, 0) / repeats;
}
