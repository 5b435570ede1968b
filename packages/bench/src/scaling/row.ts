import type { Plan } from '@tilewright/kernels';
import * as v from 'valibot';
import type { Percentiles } from '../measure/statistics.ts';
import type { Clock } from '../measure/time-programs.ts';
import { type Environment, environmentSchema } from '../suite/environment.ts';

/** A way to attend or to mix tokens at one length of the sequence: a JSON line. Heads and channels are the same for all. */
export interface ScalingRow {
  readonly kind: 'scaling';
  readonly curve: string;
  readonly family: 'attention' | 'mixer';
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly headSize: number;
  /**
   * `unsupported`: it takes more than the device binds or holds. `skipped`: it would take long by what a shorter length took.
   * `extrapolated`: it grows with the square, and is measured at shorter lengths only.
   */
  readonly status: 'passed' | 'wrong' | 'failed' | 'unsupported' | 'skipped' | 'extrapolated';
  /** What went wrong; empty when passed. */
  readonly message: string;
  /** max |got - want| / max |want| against f64, of sampled queries, heads or channels; null where something is not a number. */
  readonly error: number | null;
  readonly allowed: number;
  /** Of one run of all its kernels, in turns with the other curves of the length; null unless passed. */
  readonly timeMs: Percentiles | null;
  /** What the time of the longest measured length comes to by the square of the length; null unless extrapolated. */
  readonly extrapolatedMs: number | null;
  readonly clock: Clock | null;
  readonly samples: number | null;
  /** log2 of the time over that at half the length: 1 grows in proportion, 2 with the square; null where that is not known. */
  readonly growth: number | null;
  /** What it should be for long sequences. */
  readonly expectedGrowth: 1 | 2;
  /** Counted by the device: bytes of all that is bound, dispatch by dispatch. */
  readonly movedBytes: number;
  readonly dispatches: number;
  /** Bytes of its tensors and of what its kernels keep between dispatches. */
  readonly allocatedBytes: number;
  /** The fastest of each kernel. */
  readonly plans: readonly { readonly kernel: string; readonly plan: Plan }[];
  readonly environment: Environment;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const rate = v.pipe(v.number(), v.finite(), v.gtValue(0));
const planSchema = v.objectWithRest({ variant: v.string() }, v.union([v.string(), v.number(), v.boolean()]));

const fields: v.GenericSchema<unknown, ScalingRow> = v.strictObject({
  kind: v.literal('scaling'),
  curve: v.string(),
  family: v.picklist(['attention', 'mixer']),
  queries: count,
  keys: count,
  heads: count,
  headSize: count,
  status: v.picklist(['passed', 'wrong', 'failed', 'unsupported', 'skipped', 'extrapolated']),
  message: v.string(),
  error: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
  allowed: rate,
  timeMs: v.nullable(v.strictObject({ p20: rate, p50: rate, p80: rate })),
  extrapolatedMs: v.nullable(rate),
  clock: v.nullable(v.picklist(['timestamp', 'wall'])),
  samples: v.nullable(count),
  growth: v.nullable(v.pipe(v.number(), v.finite())),
  expectedGrowth: v.picklist([1, 2]),
  movedBytes: count,
  dispatches: count,
  allocatedBytes: count,
  plans: v.array(v.strictObject({ kernel: v.string(), plan: planSchema })),
  environment: environmentSchema,
});

/** The schema of {@link ScalingRow}: a wrong result has no time. */
export const scalingRowSchema: v.GenericSchema<unknown, ScalingRow> = v.pipe(
  fields,
  v.check(
    ({ status, extrapolatedMs }) => (status === 'extrapolated') === (extrapolatedMs !== null),
    'a row has an extrapolated time if and only if it was not measured for that',
  ),
  v.check(
    ({ status, timeMs }) => (status === 'passed') === (timeMs !== null),
    'a row has a time if and only if its result is right',
  ),
);
