import type { Operator } from '@tilewright/graph';
import { checkOptions, having, optional } from '@tilewright/kernels';
import { checkCompressionKinds } from './check-kinds.ts';
import { gram } from '@tilewright/graph/operators/gram';

/** What was seen of the inputs of a layer. */
export interface StatisticFacts {
  /** Size of an input. */
  readonly columns: number;
  /** How many inputs, over all calibration text. */
  readonly samples: number;
}

/**
 * Something to know of the inputs `X [samples, columns]` of a layer, gathered on the device while calibration text runs
 * through the model. A value: recipes name the ones they need, and a stranger's is as good as ours.
 */
export interface Statistic<Value = unknown> {
  /** Unique; two statistics with one id are the same. */
  readonly id: string;
  /** What a person reads in an error: "the Gram matrix of the layer's inputs". */
  readonly summary: string;
  /** An operator with the roles `past` and `x`, whose output `present` takes over the storage of `past`: one step added. */
  readonly tap: Operator;
  /** Shape of the sum, f32, which begins with zeros. */
  readonly shape: (columns: number) => readonly number[];
  readonly finish: (sum: Float32Array, facts: StatisticFacts) => Value;
}

/** Statistics of one layer's inputs, by id. */
export type StatisticValues = ReadonlyMap<string, unknown>;

/** What calibration learnt of the inputs `X [samples, columns]` of one linear layer. */
export interface GramStatistics extends StatisticFacts {
  /** `XᵀX`, row-major `[columns, columns]`, symmetric. Any positive multiple of it serves as well. */
  readonly gram: Float64Array | Float32Array;
}

/** `XᵀX`: what GPTQ, SparseGPT and Wanda go by. */
export const gramStatistic: Statistic<GramStatistics> = {
  id: 'gram',
  summary: "the Gram matrix of the layer's inputs",
  tap: gram,
  shape: (columns) => [columns, columns],
  finish: (sum, facts) => ({ gram: sum, ...facts }),
};

/** The value of a statistic; `undefined` where it was not gathered. */
export function valueOf<Value>(
  values: StatisticValues | undefined,
  statistic: Statistic<Value>,
): Value | undefined {
  checkOptions(
    'valueOf',
    { values, statistic },
    { values: optional(having('a Map of statistics by id', 'get')), statistic: having('a statistic', 'id') },
  );
  return values?.get(statistic.id) as Value | undefined;
}

/** Statistics that were made elsewhere, in the form in which recipes take them. */
export function statisticValues(
  ...entries: readonly (readonly [statistic: Statistic, value: unknown])[]
): StatisticValues {
  checkCompressionKinds('statisticValues', { entries });
  return new Map(entries.map(([{ id }, value]) => [id, value]));
}
