import {
  checkOption,
  compensatedSweep,
  factorGram,
  floatMatrix,
  type FactoredGram,
  type FloatMatrix,
  type Recipe,
} from '@tilewright/compression';
import type { IntegerLayout, IntegerParts } from '@tilewright/kernels/layouts';
import { fitGrid, largestWeight, nearestCode, type Grid, type GridConfig } from './grid.ts';
import {
  checkTarget,
  emptyParts,
  integerLayout,
  integerName,
  packLike,
  type IntegerConfig,
} from './integer-config.ts';

/** What `gptq` may be told; every member has a default. */
export interface GptqConfig extends IntegerConfig {
  /** Added to the diagonal of the Gram matrix as a part of its mean, from 0 to 1; 0.01 unless told. */
  readonly damping?: number;
  /**
   * In which order columns are rounded; codes are stored in the weight's own order whatever it is.
   * `groups` (unless told): whole groups, those with the most active inputs first; a group's scale is fitted when its
   * turn comes, to weights that make up for all earlier errors.
   * `columns`: single columns, the most active first ("act-order"); scales are fitted to the weight as it was.
   * `given`: as they come; scales as for `groups`.
   */
  readonly order?: 'groups' | 'columns' | 'given';
}

/**
 * GPTQ: rounds one column after the other and lets the columns still to come make up for the error, so that the
 * layer's outputs on the calibration text change least. Zeros of N:M sparse weights stay, and what is kept makes up for
 * them. The scale is `search` unless told. Needs the Gram matrix.
 * Throws `bad-argument` for an option out of range.
 *
 * Source: Frantar, Ashkboos, Hoefler and Alistarh, GPTQ (2022). Ordering whole groups is ours: it has the smaller error
 * (README) and keeps a group's columns together, as the paper's own scales need.
 */
export function gptq(config: GptqConfig = {}): Recipe {
  const layout = integerLayout('gptq', config);
  const { damping = 0.01, order = 'groups', scale = 'search' } = config;
  const name = `${integerName(layout)}-gptq`;
  checkOption('gptq', 'damping', damping, damping >= 0 && damping <= 1, 'a number from 0 to 1');
  const runs = { groups: layout.group, columns: 1, given: 0 };
  checkOption('gptq', 'order', order, Object.hasOwn(runs, order), "'groups', 'columns' or 'given'");
  const run = runs[order];
  return {
    name,
    needs: 'gram',
    compress: (input) => {
      checkTarget(input, layout);
      const matrix = floatMatrix(name, input, largestWeight(layout.bits));
      const factored = factorGram(name, input, { damping, run });
      const parts = roundColumns(matrix, factored, layout, { ...layout, scale }, order === 'columns');
      return packLike(input.tensor, parts, layout);
    },
  };
}

function roundColumns(
  { rows, columns, values, kept }: FloatMatrix,
  { factor, order }: FactoredGram,
  layout: IntegerLayout,
  gridConfig: GridConfig,
  scalesFirst: boolean,
): IntegerParts {
  const { group } = layout;
  const topCode = 2 ** layout.bits - 1;
  const parts = emptyParts(rows, columns, layout);
  const groups = Math.ceil(columns / group);
  const grids: Grid[] = [];
  const isKept = (row: number, column: number): boolean =>
    kept === null || kept[row * columns + column] === 1;

  // An error e at a column costs (e / U[j][j])² in the outputs: what a search for scales minimises.
  const costs = new Float64Array(columns);
  order.forEach((column, c) => (costs[column] = 1 / factor[c * columns + c]! ** 2));
  const weights = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) weights[r * columns + c] = values[r * columns + order[c]!]!;
  }

  const groupValues = new Float64Array(group);
  const groupCosts = new Float64Array(group);
  const fit = (
    row: number,
    index: number,
    count: number,
    columnAt: (i: number) => number,
    valueAt: (i: number) => number,
  ): void => {
    for (let i = 0; i < count; i++) {
      const column = columnAt(i);
      groupValues[i] = isKept(row, column) ? valueAt(i) : 0;
      groupCosts[i] = costs[column]!;
    }
    const at = row * groups + index;
    const grid = fitGrid(groupValues, 0, count, gridConfig, groupCosts);
    grids[at] = grid;
    parts.scales[at] = grid.scale;
    if (parts.zeroPoints !== undefined) parts.zeroPoints[at] = grid.zero;
  };
  const groupSize = (index: number): number => Math.min(group, columns - index * group);
  if (scalesFirst) {
    for (let r = 0; r < rows; r++) {
      for (let g = 0; g < groups; g++) {
        const columnAt = (i: number): number => g * group + i;
        fit(r, g, groupSize(g), columnAt, (i) => values[r * columns + columnAt(i)]!);
      }
    }
  }

  const choose = (r: number, c: number, value: number): number => {
    const column = order[c]!;
    const index = Math.floor(column / group);
    if (!scalesFirst && c % group === 0) {
      fit(
        r,
        index,
        groupSize(index),
        (i) => order[c + i]!,
        (i) => weights[r * columns + c + i]!,
      );
    }
    const grid = grids[r * groups + index]!;
    const code = isKept(r, column) ? nearestCode(value, grid, topCode) : grid.zero;
    parts.codes[r * columns + column] = code;
    return (code - grid.zero) * grid.scale;
  };
  // Whole groups, so that all of a group's weights are up to date when its scale is fitted; else as in the paper.
  const block = Math.max(1, Math.floor(128 / group)) * group;
  compensatedSweep({ weights, rows, columns, factor, block, choose });
  return parts;
}
