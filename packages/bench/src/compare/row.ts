import type { OptionValue, Plan } from '@tilewright/kernels';
import * as v from 'valibot';
import { type Environment, environmentSchema } from '../suite/environment.ts';

/**
 * `compared`: both are right, and timed. `ours-wrong`, `peer-wrong`: farther from f64 than the case tolerates.
 * `ours-missing`: none of our kernels takes the case. `peer-missing`: the peer's WebGPU provider cannot run it.
 */
export type ComparisonStatus = 'compared' | 'ours-wrong' | 'peer-wrong' | 'ours-missing' | 'peer-missing';

export interface ComparisonRun {
  /** Medians of interleaved samples, and peer / ours. */
  readonly oursMs: number;
  readonly peerMs: number;
  readonly ratio: number;
}

/** One matched case: a JSON line. Wall time, host input in, host output out, weights resident. */
export interface ComparisonRow {
  readonly kind: 'comparison';
  readonly op: string;
  readonly case: string;
  readonly status: ComparisonStatus;
  readonly message: string;
  /** Of the run whose ratio is the median of {@link runs}; null unless compared. */
  readonly oursMs: number | null;
  readonly peerMs: number | null;
  /** peer / ours: above 1 we are faster. */
  readonly ratio: number | null;
  /** max |got - want| / max |want| against f64. */
  readonly oursError: number | null;
  readonly peerError: number | null;
  /** Ratio below 0.95. */
  readonly slower: boolean | null;
  readonly runs: readonly ComparisonRun[];
  readonly samplesPerRun: number;
  /** What of ours ran: the fastest of all kernels and Plans that do the work at the peer's error or better. */
  readonly ours: {
    readonly kernel: string;
    readonly plan: Plan;
    /** Place of the Plan in the kernel's own order of preference, from 0. */
    readonly planRank: number;
    readonly options: Readonly<Record<string, OptionValue>>;
  } | null;
  readonly flops: number;
  readonly peer: { readonly name: string; readonly version: string };
  readonly environment: Environment;
}

const value = v.union([v.string(), v.number(), v.boolean()]);
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const error = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)));

const fields: v.GenericSchema<unknown, ComparisonRow> = v.strictObject({
  kind: v.literal('comparison'),
  op: v.string(),
  case: v.string(),
  status: v.picklist(['compared', 'ours-wrong', 'peer-wrong', 'ours-missing', 'peer-missing']),
  message: v.string(),
  oursMs: v.nullable(positive),
  peerMs: v.nullable(positive),
  ratio: v.nullable(positive),
  oursError: error,
  peerError: error,
  slower: v.nullable(v.boolean()),
  runs: v.array(v.strictObject({ oursMs: positive, peerMs: positive, ratio: positive })),
  samplesPerRun: v.number(),
  ours: v.nullable(
    v.strictObject({
      kernel: v.string(),
      plan: v.objectWithRest({ variant: v.string() }, value),
      planRank: v.number(),
      options: v.record(v.string(), value),
    }),
  ),
  flops: v.number(),
  peer: v.strictObject({ name: v.string(), version: v.string() }),
  environment: environmentSchema,
});

/** A row as it may be read from a file: times stand exactly where both sides were right. */
export const comparisonRowSchema: v.GenericSchema<unknown, ComparisonRow> = v.pipe(
  fields,
  v.check(
    (row) =>
      [row.oursMs, row.peerMs, row.ratio].every((time) => (time !== null) === (row.status === 'compared')),
    'a comparison has times only if both sides are right',
  ),
);
