import type { HostTensor } from '@tilewright/kernels/weights';
import { bitsPerWeight } from '@tilewright/kernels/weights';
import { unpack } from '@tilewright/kernels/weights';
import { relativeOutputError } from './output-error.ts';
import type { Recipe, RecipeInput } from './recipe.ts';

/** What a recipe did to one weight. */
export interface LayerReport {
  readonly name: string;
  readonly shape: readonly number[];
  /** Names of formats. */
  readonly formatBefore: string;
  readonly formatAfter: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly bitsPerWeight: number;
  /** Part of the numbers that are zero now. */
  readonly sparsity: number;
  /** `tr(D H Dᵀ) / tr(W H Wᵀ)`, the relative squared error of the outputs; null without a Gram matrix `H`. */
  readonly outputError: number | null;
  /** `|D|² / |W|²`, the relative squared error of the weight itself. */
  readonly weightError: number;
  /** The same of the row in which it is largest: 1 where a row was lost. */
  readonly worstRowError: number;
}

/** What a recipe did to a model. */
export interface CompressionReport {
  readonly recipe: string;
  readonly layers: readonly LayerReport[];
  /** Of the compressed weights alone. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly bitsPerWeight: number;
}

/**
 * Runs a recipe on one weight and measures what it did. This is what a calibration that goes layer by layer calls;
 * `applyRecipe` does a whole state.
 *
 * @throws what the recipe throws.
 */
export function compressTensor(
  recipe: Recipe,
  input: RecipeInput,
): { tensor: HostTensor; report: LayerReport } {
  const tensor = recipe.compress(input);
  const before = unpack(input.tensor, input.codecs);
  const after = unpack(tensor, input.codecs);
  const columns = tensor.shape.at(-1) ?? 1;
  let [size, error, zeros, worstRowError] = [0, 0, 0, 0];
  for (let row = 0; row * columns < before.length; row++) {
    let [rowSize, rowError] = [0, 0];
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      rowSize += before[i]! ** 2;
      rowError += (before[i]! - after[i]!) ** 2;
      if (after[i] === 0) zeros++;
    }
    size += rowSize;
    error += rowError;
    if (rowError > 0) worstRowError = Math.max(worstRowError, rowError / rowSize);
  }
  const report = {
    name: input.name,
    shape: tensor.shape,
    formatBefore: input.tensor.format.name,
    formatAfter: tensor.format.name,
    bytesBefore: input.tensor.bytes.byteLength,
    bytesAfter: tensor.bytes.byteLength,
    bitsPerWeight: bitsPerWeight(tensor),
    sparsity: before.length === 0 ? 0 : zeros / before.length,
    outputError: input.statistics === undefined ? null : relativeOutputError(before, after, input.statistics),
    weightError: error === 0 ? 0 : error / size,
    worstRowError,
  };
  return { tensor, report };
}

/** The sums over `layers`. */
export function summarize(recipe: Recipe, layers: readonly LayerReport[]): CompressionReport {
  const total = (of: (layer: LayerReport) => number): number =>
    layers.reduce((sum, layer) => sum + of(layer), 0);
  const weights = total(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const bytesAfter = total((layer) => layer.bytesAfter);
  return {
    recipe: recipe.name,
    layers,
    bytesBefore: total((layer) => layer.bytesBefore),
    bytesAfter,
    bitsPerWeight: weights === 0 ? 0 : (8 * bytesAfter) / weights,
  };
}
