import { checkOptions, type Quantizer } from '@tilewright/kernels';
import {
  checkOption,
  compensatedSweep,
  factorGram,
  floatMatrix,
  type FactoredGram,
  type FloatMatrix,
  gramStatistic,
  perWeight,
  type Recipe,
  withoutLostRows,
} from '@tilewright/compression';
import { storedLike, type HostTensor } from '@tilewright/kernels/weights';
import { checkQuantizer } from './check-quantizer.ts';
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
export function gptq<Grid>(quantizer: Quantizer<Grid>, config: GptqConfig = {}): Recipe {
  checkQuantizer('gptq', quantizer);
  checkOptions('gptq', config, ['damping', 'order']);
  const { damping = 0.01, order = 'spans' } = config;
  const name = `${quantizer.name}-gptq`;
  checkOption('gptq', 'damping', damping, damping >= 0 && damping <= 1, 'a number from 0 to 1');
  const runs = { spans: quantizer.span, columns: quantizer.lanes, stored: 0 };
  checkOption('gptq', 'order', order, Object.hasOwn(runs, order), "'spans', 'columns' or 'stored'");
  const run = runs[order];
  return perWeight(name, [gramStatistic], (input) => {
    const target = targetFormat(input, quantizer);
    const matrix = floatMatrix(name, input, quantizer.limit);
    const factored = factorGram(name, input, { damping, run });
    const full = roundColumns(matrix, factored, quantizer, order === 'columns', input.tensor.shape);
    return withoutLostRows(name, input, matrix.values, storedLike(full, target, input.codecs));
  });
}

function roundColumns<Grid>(
  { rows, columns, values, kept }: FloatMatrix,
  { factor, order }: FactoredGram,
  quantizer: Quantizer<Grid>,
  gridsFirst: boolean,
  shape: readonly number[],
): HostTensor {
  const { span, lanes } = quantizer;
  const spans = Math.ceil(columns / span);
  const codesPerRow = Math.ceil(columns / lanes);
  const codes = new Uint16Array(rows * codesPerRow);
  const grids: Grid[] = [];
  const isKept = (row: number, column: number): boolean =>
    kept === null || kept[row * columns + column] === 1;

  // An error e at a column costs (e / U[j][j])² in the outputs: what a search for grids minimises.
  const costs = new Float64Array(columns);
  order.forEach((column, c) => (costs[column] = 1 / factor[c * columns + c]! ** 2));
  const weights = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) weights[r * columns + c] = values[r * columns + order[c]!]!;
  }

  const spanValues = new Float64Array(span);
  const spanCosts = new Float64Array(span);
  const fit = (
    row: number,
    index: number,
    count: number,
    columnAt: (i: number) => number,
    valueAt: (i: number) => number,
  ): void => {
    for (let i = 0; i < count; i++) {
      const column = columnAt(i);
      spanValues[i] = isKept(row, column) ? valueAt(i) : 0;
      spanCosts[i] = costs[column]!;
    }
    grids[row * spans + index] = quantizer.fit(spanValues, 0, count, spanCosts);
  };
  const spanSize = (index: number): number => Math.min(span, columns - index * span);
  if (gridsFirst) {
    for (let r = 0; r < rows; r++) {
      for (let g = 0; g < spans; g++) {
        const columnAt = (i: number): number => g * span + i;
        fit(r, g, spanSize(g), columnAt, (i) => values[r * columns + columnAt(i)]!);
      }
    }
  }

  // The code of the lanes that are being rounded, chosen at the first of them.
  let code = 0;
  const choose = (r: number, c: number): number => {
    const column = order[c]!;
    const index = Math.floor(column / span);
    if (!gridsFirst && c % span === 0) {
      fit(
        r,
        index,
        spanSize(index),
        (i) => order[c + i]!,
        (i) => weights[r * columns + c + i]!,
      );
    }
    const grid = grids[r * spans + index]!;
    const lane = c % lanes;
    if (lane === 0) {
      const count = Math.min(lanes, columns - c);
      code = isKept(r, column)
        ? quantizer.nearest(grid, weights, r * columns + c, count)
        : quantizer.zero(grid);
      codes[r * codesPerRow + Math.floor(column / lanes)] = code;
    }
    return quantizer.value(grid, code, lane);
  };
  // Whole spans, so that all of a span's weights are up to date when its grid is fitted; else as in the paper.
  const block = Math.max(1, Math.floor(128 / span)) * span;
  compensatedSweep({ weights, rows, columns, factor, block, choose });
  return quantizer.pack(codes, grids, shape);
}
