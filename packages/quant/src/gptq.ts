import { checkOptions } from '@tilewright/kernels';
import {
  checkOption,
  factorGram,
  floatMatrix,
  type FloatMatrix,
  gramStatistic,
  perWeight,
  type Recipe,
  rowRuns,
  withoutLostRows,
} from '@tilewright/compression';
import { quantizerFor, type RowRange, storedLike } from '@tilewright/kernels/weights';
import { type AnyQuantizer, checkQuantizer } from './check-quantizer.ts';
import { roundColumns } from './round-columns.ts';
import { targetFormat } from './target-format.ts';

/** What `gptq` may be told; every member has a default. */
export interface GptqConfig {
  /** Added to the diagonal of the Gram matrix as a part of its mean, from 0 to 1; default 0.01. */
  readonly damping?: number;
  /**
   * In which order columns are rounded; codes are stored in the weight's own order whatever it is.
   * `spans` (the default): whole spans of the quantizer, those with the most active inputs first; a span's grid is fitted
   * when its turn comes, to weights that make up for all earlier errors.
   * `columns`: single columns (lanes of the quantizer), the most active first ("act-order"); grids are fitted to the weight
   * as it was.
   * `stored`: as they come; grids as for `spans`.
   */
  readonly order?: 'spans' | 'columns' | 'stored';
  /**
   * "True sequential": within a block, weights see what the weights before them, already rounded, make of the text; default
   * false, where all of a block see what its dense weights make. Calibrates once for each input of the block instead of once.
   */
  readonly sequential?: boolean;
}

/**
 * GPTQ: rounds one column after the other and lets the columns still to come make up for the error, so that the
 * layer's outputs on the calibration text change least. Zeros of sparse weights stay, and what is kept makes up for
 * them. Needs the Gram matrix. Works with any quantizer.
 * Throws `bad-argument` for what is no quantizer, and an option that is unknown or out of range.
 *
 * Source: Frantar, Ashkboos, Hoefler and Alistarh, GPTQ (2022). Ordering whole spans is ours: it has the smaller error
 * (README) and keeps a span's columns together, as the paper's own scales need.
 */
export function gptq<Grid>(quantizer: AnyQuantizer<Grid>, config: GptqConfig = {}): Recipe {
  checkQuantizer('gptq', quantizer);
  checkOptions('gptq', config, ['damping', 'order', 'sequential']);
  const { damping = 0.01, order = 'spans', sequential = false } = config;
  const name = `${quantizer.name}-gptq`;
  checkOption('gptq', 'damping', damping, damping >= 0 && damping <= 1, 'a number from 0 to 1');
  checkOption('gptq', 'sequential', sequential, typeof sequential === 'boolean', 'true or false');
  const isOrder = ['spans', 'columns', 'stored'].includes(order);
  checkOption('gptq', 'order', order, isOrder, "'spans', 'columns' or 'stored'");
  return perWeight(
    name,
    [gramStatistic],
    (input) => {
      const target = targetFormat(input, quantizer);
      const { shape } = input.tensor;
      const rowsOf = (range: RowRange): FloatMatrix => floatMatrix(name, input, quantizer.limit, range);
      // Once before the work, for what it refuses.
      rowsOf([0, 0]);
      for (const range of rowRuns(shape)) rowsOf(range);
      const own = quantizerFor(quantizer, numbersOf(rowsOf, shape), shape[1]!);
      const run = { spans: own.span, columns: own.lanes, stored: 0 }[order];
      const factored = factorGram(name, input, { damping, run });
      const gridsFirst = order === 'columns';
      const full = roundColumns({
        shape,
        rowsOf,
        factored,
        quantizer: own,
        gridsFirst,
      });
      return withoutLostRows(name, input, null, storedLike(full, target, input.codecs));
    },
    { sequential },
  );
}

/** The numbers of a weight, a run of rows at a time. */
function* numbersOf(
  rowsOf: (range: RowRange) => FloatMatrix,
  shape: readonly number[],
): Generator<Float32Array> {
  for (const range of rowRuns(shape)) yield rowsOf(range).values;
}
