import type { Plan } from '@tilewright/kernels';
import * as v from 'valibot';
import type { Percentiles } from '../measure/statistics.ts';
import { type Environment, environmentSchema } from '../suite/environment.ts';

/** A product `[m, k] · [n, k]ᵀ` with a weight in one format, beside the same with f32: a JSON line. */
export interface FormatRow {
  readonly kind: 'format';
  /** The weight's format. */
  readonly format: string;
  readonly formatId: string;
  /** Of its numbers, the part that is stored: of sparse ones as counted, with a full row and an empty one. */
  readonly density: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Of the weight, with scales and indices. */
  readonly weightBytes: number;
  readonly kernel: string;
  readonly plan: Plan | null;
  readonly status: 'passed' | 'wrong' | 'failed';
  /** What went wrong; empty when passed. */
  readonly message: string;
  /** max |got - want| / max |want| against f64 at sampled places; null where something is not a number. */
  readonly error: number | null;
  readonly allowed: number | null;
  /** Of one run, in turns with f32; null unless passed. */
  readonly timeMs: Percentiles | null;
  readonly denseMs: Percentiles | null;
  /** How many times as fast as f32: the median of the ratios of samples that were taken in turn. */
  readonly speedup: number | null;
  readonly environment: Environment;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const rate = v.pipe(v.number(), v.finite(), v.gtValue(0));
const figure = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)));
const times = v.nullable(v.strictObject({ p20: rate, p50: rate, p80: rate }));

/** The schema of {@link FormatRow}: a wrong result has no time. */
export const formatRowSchema: v.GenericSchema<unknown, FormatRow> = v.pipe(
  v.strictObject({
    kind: v.literal('format'),
    format: v.string(),
    formatId: v.string(),
    density: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    m: count,
    n: count,
    k: count,
    weightBytes: count,
    kernel: v.string(),
    plan: v.nullable(
      v.objectWithRest({ variant: v.string() }, v.union([v.string(), v.number(), v.boolean()])),
    ),
    status: v.picklist(['passed', 'wrong', 'failed']),
    message: v.string(),
    error: figure,
    allowed: figure,
    timeMs: times,
    denseMs: times,
    speedup: figure,
    environment: environmentSchema,
  }) satisfies v.GenericSchema<unknown, FormatRow>,
  v.check(
    ({ status, timeMs }) => (status === 'passed') === (timeMs !== null),
    'a row has a time if and only if its result is right',
  ),
);
