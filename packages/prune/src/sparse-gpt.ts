import {
  checkOption,
  compensatedSweep,
  factorGram,
  floatMatrix,
  gramStatistic,
  perWeight,
  type Recipe,
} from '@tilewright/compression';
import {
  checkedConfig,
  dropSmallest,
  keepBlocks,
  packPruned,
  type Pattern,
  type PruneConfig,
} from './pattern.ts';

/** What `sparseGpt` may be told; every member has a default. */
export interface SparseGptConfig extends PruneConfig {
  /** Added to the diagonal of the Gram matrix as a part of its mean, from 0 to 1; 0.01 unless told. */
  readonly damping?: number;
}

/** A part of all weights. */
type PartPattern = Extract<Pattern, { sparsity: number }>;

/** Columns whose weights compete with each other when pruning without a pattern, as in the paper. */
const blockColumns = 128;

/**
 * SparseGPT: drops the weights that cost least and lets the columns still to come make up for each, so that the layer's
 * outputs on the calibration text change least. With a pattern, groups of `m` columns are settled in order of the
 * activity of their inputs; without one, runs of 128 columns as they come, each losing its part, in blocks of weights where the
 * pattern has them. Needs the Gram matrix.
 *
 * Source: Frantar and Alistarh, SparseGPT (2023). Ordering the groups of `m` is ours: it has the smaller error (README).
 */
export function sparseGpt(config: SparseGptConfig = {}): Recipe {
  const checked = checkedConfig('sparseGpt', config, ['damping']);
  const { pattern, patternName } = checked;
  const name = `${patternName}-sparsegpt`;
  const { damping = 0.01 } = config;
  checkOption('sparseGpt', 'damping', damping, damping >= 0 && damping <= 1, 'a number from 0 to 1');
  return perWeight(name, [gramStatistic], (input) => {
    const { rows, columns, values, kept: keptBefore } = floatMatrix(name, input);
    const { factor, order } = factorGram(name, input, {
      damping,
      run: 'm' in pattern ? pattern.m : 0,
    });
    const at = (i: number): number => i - (i % columns) + order[i % columns]!;
    const weights = new Float64Array(rows * columns);
    for (let i = 0; i < weights.length; i++) weights[i] = values[at(i)]!;
    const kept = new Uint8Array(rows * columns).fill(1);
    const isKept = (row: number, column: number): boolean => {
      const i = row * columns + column;
      return kept[i] === 1 && (keptBefore === null || keptBefore[at(i)] === 1);
    };
    // What dropping a weight costs in the outputs, once the columns after it have made up for it.
    const costOf = (row: number, column: number): number => {
      const i = row * columns + column;
      if (keptBefore !== null && keptBefore[at(i)] === 0) return -1;
      return (weights[i]! / factor.data[factor.rowStart(column) + column]!) ** 2;
    };
    const groupScores = new Float64Array('m' in pattern ? pattern.m : 0);
    const groupKept = new Uint8Array(groupScores.length);
    const chooseGroup = (row: number, start: number, m: number, n: number): void => {
      const present = Math.min(m, columns - start);
      for (let i = 0; i < present; i++) groupScores[i] = costOf(row, start + i);
      groupKept.fill(1);
      dropSmallest(groupScores, groupKept, 0, present, Math.max(0, present - n));
      kept.set(groupKept.subarray(0, present), row * columns + start);
    };
    const chooseColumns = (
      start: number,
      end: number,
      { sparsity, block = [1, 1] as const }: PartPattern,
    ): void => {
      const width = end - start;
      const scores = new Float64Array(rows * width);
      for (let i = 0; i < scores.length; i++) scores[i] = costOf(Math.floor(i / width), start + (i % width));
      const keptHere = keepBlocks(scores, rows, width, block, sparsity);
      for (let r = 0; r < rows; r++)
        kept.set(keptHere.subarray(r * width, (r + 1) * width), r * columns + start);
    };
    compensatedSweep({
      weights,
      rows,
      columns,
      factor,
      block: blockColumns,
      beginBlock: (start, end) => {
        if ('sparsity' in pattern) chooseColumns(start, end, pattern);
      },
      choose: (row, column, value) => {
        if ('m' in pattern && column % pattern.m === 0) chooseGroup(row, column, pattern.m, pattern.n);
        return isKept(row, column) ? value : 0;
      },
    });
    const numbers = new Float32Array(rows * columns);
    for (let i = 0; i < numbers.length; i++) numbers[at(i)] = weights[i]!;
    return packPruned(name, input, numbers, checked);
  });
}
