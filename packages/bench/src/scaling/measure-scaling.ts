import { isTilewrightError, normalNumbers, TilewrightError } from '@tilewright/kernels';
import { type Device, profilerOf } from '@tilewright/runtime';
import { percentiles } from '../measure/statistics.ts';
import { duration } from '../report/format.ts';
import { describeEnvironment, type Environment } from '../suite/environment.ts';
import { type Curve, type Drawn, heads, size } from './curve.ts';
import { curves } from './curves.ts';
import { type OpenedCurve, openCurve } from './open-curve.ts';
import type { ScalingRow } from './row.ts';

export interface ScalingOptions {
  /** Lengths of the sequence, ascending; default {@link defaultLengths}. */
  readonly lengths?: readonly number[];
  /** Only curves whose name contains this, case ignored. */
  readonly filter?: string;
  /** `all` (the default): every kernel runs in the fastest of its Plans; `first`: in the one it takes by itself. */
  readonly plans?: 'first' | 'all';
  /** Samples of each curve and length; default 15. */
  readonly samples?: number;
  /** No curve is sampled for much longer than this at a length, but always at least 3 times; default 3000 ms. */
  readonly budgetMs?: number;
  /** A curve that by its time at the longest length before would take longer than this is skipped; default 10,000 ms. */
  readonly patienceMs?: number;
  readonly toggles?: readonly string[];
  readonly onProgress?: (line: string) => void;
  /** Ends the measurement with its reason before the next sample. */
  readonly signal?: AbortSignal;
}

export const defaultLengths: readonly number[] = [256, 512, 1024, 2048, 4096, 8192, 16_384];

/** What grows with the square of the length is measured to here, and extrapolated beyond. */
const longestSquare = 4096;
/** A sample repeats short runs until it lasts about as long. */
const sampleMs = 2;

interface Measured {
  readonly curve: Curve;
  readonly opened: OpenedCurve;
  readonly error: number;
  readonly allowed: number;
  readonly repeats: number;
  readonly rounds: number;
  readonly samples: number[];
}

/**
 * Follows ways to attend and to mix tokens over the length of the sequence: 4 heads of 64, or 256 channels, in f32, every curve held against f64
 * first, then the right ones of a length timed in turns. `onRow` gets each row as its length is done.
 */
export async function measureScaling(
  device: Device,
  options: ScalingOptions = {},
  onRow: (row: ScalingRow) => void = () => {},
): Promise<readonly ScalingRow[]> {
  const { lengths = defaultLengths, filter = '', signal } = options;
  checkLengths(lengths);
  const wanted = curves.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
  if (wanted.length === 0) return [];
  const environment = await describeEnvironment(device, options.toggles);
  // The profiler makes its own buffers the first time it is used; they are no curve's.
  await profilerOf(device).record(() => {});
  const rows: ScalingRow[] = [];
  for (const length of lengths) {
    signal?.throwIfAborted();
    for (const row of await measureLength(device, wanted, length, rows, environment, options)) {
      rows.push(row);
      onRow(row);
    }
  }
  return rows;
}

function checkLengths(lengths: readonly number[]): void {
  const good = lengths.every(
    (length, i) => Number.isSafeInteger(length) && length >= 1 && length > (lengths[i - 1] ?? 0),
  );
  if (good && lengths.length > 0) return;
  throw new TilewrightError('bad-argument', {
    subject: 'measureScaling',
    problem: `the lengths are ${lengths.join(', ') || 'none'}`,
    requirement: 'they are positive integers, ascending',
    fix: 'give for example 256, 512, 1024',
  });
}

const draw = (queries: number, keys: number): Drawn => ({
  queries,
  keys,
  q: normalNumbers(heads * queries * size, 1),
  k: normalNumbers(heads * keys * size, 2),
  v: normalNumbers(heads * keys * size, 3),
});

async function measureLength(
  device: Device,
  wanted: readonly Curve[],
  length: number,
  before: readonly ScalingRow[],
  environment: Environment,
  options: ScalingOptions,
): Promise<readonly ScalingRow[]> {
  const drawn = { all: draw(length, length), one: draw(1, length) };
  const described = (curve: Curve) => ({
    kind: 'scaling' as const,
    curve: curve.name,
    queries: drawn[curve.queries].queries,
    keys: length,
    heads,
    family: curve.family,
    headSize: size,
    expectedGrowth: curve.growth,
    environment,
  });
  const halfOf = (curve: Curve): number =>
    before.find((row) => row.curve === curve.name && row.keys * 2 === length)?.timeMs?.p50 ?? NaN;
  const measured: Measured[] = [];
  const failures = new Map<Curve, Partial<ScalingRow> & Pick<ScalingRow, 'status' | 'message'>>();
  try {
    for (const curve of wanted) {
      options.signal?.throwIfAborted();
      const longest = before.findLast((row) => row.curve === curve.name && row.timeMs !== null);
      if (longest && curve.growth === 2 && length > longestSquare && longest.keys >= longestSquare / 2) {
        failures.set(curve, extrapolate(longest, length));
        continue;
      }
      const expectedMs = longest ? longest.timeMs!.p50 * (length / longest.keys) ** curve.growth : 0;
      if (expectedMs > (options.patienceMs ?? 10_000)) {
        const message = `it took ${duration(longest!.timeMs!.p50)} at ${longest!.keys} keys`;
        failures.set(curve, { status: 'skipped', message });
        continue;
      }
      options.onProgress?.(`${length} tokens, ${curve.name}`);
      try {
        measured.push(await checkCurve(device, curve, drawn[curve.queries], options));
      } catch (error) {
        if (!isTilewrightError(error) || error.code === 'device-lost') throw error;
        failures.set(curve, { status: beyond(error) ? 'unsupported' : 'failed', message: error.message });
      }
    }
    const right = measured.filter(({ error, allowed }) => error <= allowed);
    options.onProgress?.(`${length} tokens, timing in turns`);
    for (let round = 0; right.some(({ rounds }) => round < rounds); round++)
      for (const each of right) {
        if (round >= each.rounds) continue;
        options.signal?.throwIfAborted();
        each.samples.push(await each.opened.time(each.repeats));
      }
    return wanted.map((curve): ScalingRow => {
      const each = measured.find((one) => one.curve === curve);
      if (!each) return { ...described(curve), ...untimed, ...failures.get(curve)! };
      const { plans, movedBytes, dispatches, allocatedBytes } = each.opened;
      const { allowed } = each;
      const known = { ...described(curve), allowed, plans, movedBytes, dispatches, allocatedBytes };
      const error = Number.isFinite(each.error) ? each.error : null;
      if (!right.includes(each)) {
        const message = `the error is ${each.error.toExponential(1)}, allowed are ${allowed.toExponential(1)}`;
        return { ...untimed, ...known, error, status: 'wrong', message };
      }
      const timeMs = percentiles(each.samples);
      const growth = Math.log2(timeMs.p50 / halfOf(curve));
      return {
        ...untimed,
        ...known,
        error,
        status: 'passed',
        message: '',
        timeMs,
        clock: profilerOf(device).available ? 'timestamp' : 'wall',
        samples: each.samples.length,
        growth: Number.isNaN(growth) ? null : growth,
      };
    });
  } finally {
    for (const { opened } of measured) opened.dispose();
  }
}

/** Whether a device can do no more, rather than that something is wrong. */
const beyond = ({ code }: TilewrightError): boolean =>
  code === 'limit-exceeded' || code === 'out-of-memory' || code === 'no-variant';

const untimed = {
  error: null,
  allowed: 1e-4,
  timeMs: null,
  extrapolatedMs: null,
  clock: null,
  samples: null,
  growth: null,
  movedBytes: 0,
  dispatches: 0,
  allocatedBytes: 0,
  plans: [],
} as const;

/** By the square of the length, from the longest that was measured. */
const extrapolate = ({ keys, timeMs }: ScalingRow, length: number) => ({
  status: 'extrapolated' as const,
  message: `by the square of the length from ${keys}`,
  extrapolatedMs: timeMs!.p50 * (length / keys) ** 2,
});

/** Opens a curve, holds it against f64, and finds how often it is to be run. */
async function checkCurve(
  device: Device,
  curve: Curve,
  drawn: Drawn,
  { samples = 15, budgetMs = 3000, plans = 'all', signal }: ScalingOptions,
): Promise<Measured> {
  const at = curve.at(drawn);
  const opened = await openCurve(device, at, plans, signal);
  try {
    const { error, allowed } = at.judge(await opened.result());
    const onceMs = Math.max(1e-3, await opened.time(1));
    const repeats = Math.min(128, Math.max(1, Math.ceil(sampleMs / onceMs)));
    const rounds = Math.max(3, Math.min(samples, Math.floor(budgetMs / (repeats * onceMs))));
    return { curve, opened, error, allowed, repeats, rounds, samples: [] };
  } catch (error) {
    opened.dispose();
    throw error;
  }
}
