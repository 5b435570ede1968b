import { geometricMean } from '../measure/statistics.ts';
import type { ComparisonRow } from './row.ts';

export interface OpSummary {
  readonly op: string;
  /** Of the ratios of compared cases; NaN where there are none. */
  readonly geometricMean: number;
  readonly compared: number;
  /** Cases below the ratio that counts as slower. */
  readonly slower: number;
  /** Cases where either side is wrong or missing. */
  readonly left: number;
}

export interface ComparisonSummary {
  readonly ops: readonly OpSummary[];
  readonly over: OpSummary;
}

/** Geometric means by operator, in the order they first appear, and over all cases. */
export function summarise(rows: readonly ComparisonRow[]): ComparisonSummary {
  const of = (op: string, own: readonly ComparisonRow[]): OpSummary => {
    const ratios = own.flatMap(({ ratio }) => (ratio === null ? [] : [ratio]));
    return {
      op,
      geometricMean: geometricMean(ratios),
      compared: ratios.length,
      slower: own.filter(({ slower }) => slower === true).length,
      left: own.length - ratios.length,
    };
  };
  const ops = [...new Set(rows.map(({ op }) => op))].map((op) =>
    of(
      op,
      rows.filter((row) => row.op === op),
    ),
  );
  return { ops, over: of('all', rows) };
}
