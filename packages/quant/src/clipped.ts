import { checkOption } from '@tilewright/compression';
import { checkOptions, type Quantizer, type TensorQuantizer } from '@tilewright/kernels';
import { type AnyQuantizer, checkQuantizer } from './check-quantizer.ts';

/** Which part of a span's range its grid covers. */
export type Clipping = {
  /** The part of a span's magnitudes that stays inside, above 0 and at most 1: 0.99 lets the largest hundredth be cut off. */
  readonly percentile: number;
};

/** Parts of the range that a search tries, the largest magnitude being 1. */
const searchedParts: readonly number[] = Array.from({ length: 20 }, (_, i) => 1 - i / 40);

/** The same change of a quantizer, and of those that something makes for each tensor. */
function changed<Grid>(
  quantizer: AnyQuantizer<Grid>,
  suffix: string,
  fitOf: (quantizer: Quantizer<Grid>) => Quantizer<Grid>['fit'],
): AnyQuantizer<Grid> {
  const name = `${quantizer.name}-${suffix}`;
  if (!('forTensor' in quantizer)) return Object.freeze({ ...quantizer, name, fit: fitOf(quantizer) });
  return Object.freeze({
    ...quantizer,
    name,
    forTensor: (runs, columns) => {
      const own = quantizer.forTensor(runs, columns);
      return { ...own, name, fit: fitOf(own) };
    },
  } satisfies TensorQuantizer<Grid>);
}

/**
 * The same quantizer with grids fitted to clipped values: what lies beyond takes the outermost code.
 *
 * Works with any format. Throws `bad-argument` for what is no quantizer and a percentile out of range.
 */
export function clippedQuantizer<Grid>(quantizer: Quantizer<Grid>, clipping: Clipping): Quantizer<Grid>;
export function clippedQuantizer<Grid>(quantizer: AnyQuantizer<Grid>, clipping: Clipping): AnyQuantizer<Grid>;
export function clippedQuantizer<Grid>(
  quantizer: AnyQuantizer<Grid>,
  clipping: Clipping,
): AnyQuantizer<Grid> {
  checkQuantizer('clippedQuantizer', quantizer);
  checkOptions('clippedQuantizer', clipping, ['percentile']);
  const { percentile } = clipping;
  const inRange = percentile > 0 && percentile <= 1;
  checkOption('clippedQuantizer', 'percentile', percentile, inRange, 'a number above 0, at most 1');
  const fitOf =
    (own: Quantizer<Grid>): Quantizer<Grid>['fit'] =>
    (values, start, count, costs) => {
      const sorted = values
        .slice(start, start + count)
        .map(Math.abs)
        .sort();
      const at = Math.max(0, Math.ceil(percentile * count) - 1);
      return own.fit(clip(values, start, count, sorted[at] ?? 0), 0, count, costs);
    };
  return changed(quantizer, `p${Math.round(percentile * 1e4) / 100}`, fitOf);
}

/**
 * The same quantizer with the grid of least squared error among those fitted to clipped values, each column's error counted by
 * its cost where costs are given: activation-aware clipping, for any format.
 *
 * Throws `bad-argument` for what is no quantizer. Source: the clip search of AWQ (Lin et al., 2023), here by span and row.
 */
export function searchedQuantizer<Grid>(quantizer: Quantizer<Grid>): Quantizer<Grid>;
export function searchedQuantizer<Grid>(quantizer: AnyQuantizer<Grid>): AnyQuantizer<Grid>;
export function searchedQuantizer<Grid>(quantizer: AnyQuantizer<Grid>): AnyQuantizer<Grid> {
  checkQuantizer('searchedQuantizer', quantizer);
  const fitOf =
    (own: Quantizer<Grid>): Quantizer<Grid>['fit'] =>
    (values, start, count, costs) => {
      let largest = 0;
      for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
      let [best, least] = [own.fit(values, start, count, costs), Infinity];
      for (const part of searchedParts) {
        const grid = part === 1 ? best : own.fit(clip(values, start, count, part * largest), 0, count, costs);
        const error = spanError(own, grid, values, start, count, costs);
        if (error < least) [best, least] = [grid, error];
      }
      return best;
    };
  return changed(quantizer, 'clip', fitOf);
}

const clip = (values: Float64Array, start: number, count: number, limit: number): Float64Array =>
  values.slice(start, start + count).map((value) => Math.max(-limit, Math.min(limit, value)));

/** The squared error of a span's values in a grid, each counted by its cost. */
export function spanError<Grid>(
  quantizer: Quantizer<Grid>,
  grid: Grid,
  values: Float64Array,
  start: number,
  count: number,
  costs?: Float64Array,
): number {
  let sum = 0;
  for (let i = 0; i < count; i += quantizer.lanes) {
    const lanes = Math.min(quantizer.lanes, count - i);
    const code = quantizer.nearest(grid, values, start + i, lanes);
    for (let lane = 0; lane < lanes; lane++)
      sum += (costs?.[i + lane] ?? 1) * (values[start + i + lane]! - quantizer.value(grid, code, lane)) ** 2;
  }
  return sum;
}
