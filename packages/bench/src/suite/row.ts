import type { OptionValue, Plan } from '@tilewright/kernels';
import * as v from 'valibot';
import type { Peaks } from '../measure/peaks.ts';
import type { Percentiles } from '../measure/statistics.ts';
import type { CacheState, Clock } from '../measure/time-programs.ts';
import { type Environment, environmentSchema } from './environment.ts';

/**
 * `passed`: right, and timed. `wrong`: beyond the allowed error. `failed`: it threw. `unsupported`: no variant can run
 * it on this device.
 */
export type RowStatus = 'passed' | 'wrong' | 'failed' | 'unsupported';

/** One kernel's Plan on one workload: a JSON line. */
export interface KernelRow {
  readonly kind: 'kernel';
  readonly kernel: string;
  readonly workload: string;
  readonly model: string;
  readonly size: 'small' | 'large';
  readonly axes: Readonly<Record<string, number>>;
  readonly dtypes: Readonly<Record<string, string>>;
  /** Names of the weights' formats. */
  readonly formats: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, OptionValue>>;
  /** Ids of the fillings. */
  readonly slots: Readonly<Record<string, string>>;
  /** Null where no Plan can run. */
  readonly plan: Plan | null;
  /** Place of the Plan in the kernel's own order of preference, from 0. */
  readonly planRank: number | null;
  readonly status: RowStatus;
  /** What went wrong; empty when passed. */
  readonly message: string;
  /** max |got - want| / max |want| against f64, and what was allowed; null where nothing ran, or not finite. */
  readonly error: number | null;
  readonly allowed: number | null;
  /** Of one run; this and all that follows from it is null unless passed. */
  readonly timeMs: Percentiles | null;
  readonly clock: Clock | null;
  readonly cache: CacheState | null;
  /** Runs per sample, and samples. */
  readonly repeats: number | null;
  readonly samples: number | null;
  /** Compulsory traffic and arithmetic; the rates are these over the median time. */
  readonly bytes: number;
  readonly flops: number;
  readonly gigabytesPerSecond: number | null;
  readonly gigaflopsPerSecond: number | null;
  readonly percentOfCopy: number | null;
  readonly percentOfFma: number | null;
  /** The ceilings, measured in this run. */
  readonly peaks: Peaks;
  readonly environment: Environment;
}

const value = v.union([v.string(), v.number(), v.boolean()]);
const names = v.record(v.string(), v.string());
const measured = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)));
const rate = v.pipe(v.number(), v.finite(), v.gtValue(0));

const fields: v.GenericSchema<unknown, KernelRow> = v.strictObject({
  kind: v.literal('kernel'),
  kernel: v.string(),
  workload: v.string(),
  model: v.string(),
  size: v.picklist(['small', 'large']),
  axes: v.record(v.string(), v.number()),
  dtypes: names,
  formats: names,
  options: v.record(v.string(), value),
  slots: names,
  plan: v.nullable(v.objectWithRest({ variant: v.string() }, value)),
  planRank: measured,
  status: v.picklist(['passed', 'wrong', 'failed', 'unsupported']),
  message: v.string(),
  error: measured,
  allowed: measured,
  timeMs: v.nullable(v.strictObject({ p20: rate, p50: rate, p80: rate })),
  clock: v.nullable(v.picklist(['timestamp', 'wall'])),
  cache: v.nullable(v.picklist(['warm', 'cold'])),
  repeats: measured,
  samples: measured,
  bytes: v.number(),
  flops: v.number(),
  gigabytesPerSecond: measured,
  gigaflopsPerSecond: measured,
  percentOfCopy: measured,
  percentOfFma: measured,
  peaks: v.strictObject({ copyGBps: rate, fmaGFLOPs: rate }),
  environment: environmentSchema,
});

/** A row as it may be read from a file: a time stands exactly where the result was right. */
export const kernelRowSchema: v.GenericSchema<unknown, KernelRow> = v.pipe(
  fields,
  v.check(
    (row) => (row.status === 'passed') === (row.timeMs !== null),
    'a row has a time only if its status is passed',
  ),
);
