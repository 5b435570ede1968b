import * as v from 'valibot';
import type { Percentiles } from '../measure/statistics.ts';
import { type Environment, environmentSchema } from '../suite/environment.ts';

/** What a step costs the host, beside a bare loop that encodes as many dispatches: a JSON line. Nothing runs on a GPU. */
export interface HostRow {
  readonly kind: 'host';
  readonly model: string;
  readonly layers: number;
  /** What cannot be measured throws. */
  readonly status: 'passed';
  /** Dispatches of one step, counted by the device. */
  readonly dispatches: number;
  /** Dispatches of the loop: as many. */
  readonly loopDispatches: number;
  /** Milliseconds from the call until everything is submitted. */
  readonly stepMs: Percentiles;
  readonly loopMs: Percentiles;
  /** The median of the ratios of samples that were taken in turn. */
  readonly ratio: number;
  readonly samples: number;
  readonly environment: Environment;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const rate = v.pipe(v.number(), v.finite(), v.gtValue(0));
const times = v.strictObject({ p20: rate, p50: rate, p80: rate });

export const hostRowSchema: v.GenericSchema<unknown, HostRow> = v.strictObject({
  kind: v.literal('host'),
  model: v.string(),
  layers: count,
  status: v.literal('passed'),
  dispatches: count,
  loopDispatches: count,
  stepMs: times,
  loopMs: times,
  ratio: rate,
  samples: count,
  environment: environmentSchema,
});
