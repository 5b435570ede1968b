import type { HostTensor, WeightCodec } from '@tilewright/kernels/weights';
import { TilewrightError } from '@tilewright/kernels';
import { bitsPerWeight } from '@tilewright/kernels/weights';
import { unpack } from '@tilewright/kernels/weights';
import { checkCompressionKinds } from './check-kinds.ts';
import { relativeOutputError } from './output-error.ts';
import type { Recipe, WeightInput } from './recipe.ts';
import { gramStatistic, type StatisticValues, valueOf } from './statistic.ts';

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

/** What became of a weight. */
export function measureWeight(
  name: string,
  weight: HostTensor,
  changed: HostTensor,
  statistics: StatisticValues | undefined,
  codecs: readonly WeightCodec[],
): LayerReport {
  checkCompressionKinds('measureWeight', { weight, changed, codecs });
  const before = unpack(weight, codecs);
  const after = unpack(changed, codecs);
  const gram = valueOf(statistics, gramStatistic);
  const columns = changed.shape.at(-1) ?? 1;
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
  return {
    name,
    shape: changed.shape,
    formatBefore: weight.format.name,
    formatAfter: changed.format.name,
    bytesBefore: weight.bytes.byteLength,
    bytesAfter: changed.bytes.byteLength,
    bitsPerWeight: bitsPerWeight(changed),
    sparsity: before.length === 0 ? 0 : zeros / before.length,
    outputError: gram === undefined ? null : relativeOutputError(before, after, gram),
    weightError: error === 0 ? 0 : error / size,
    worstRowError,
  };
}

/**
 * Runs a recipe on a weight by itself, with statistics from elsewhere, and measures what it did. A whole model is
 * `compressState`'s.
 *
 * @throws what the recipe throws, and `bad-argument` for a recipe that rewrites a whole model.
 */
export function compressWeight(
  recipe: Recipe,
  input: WeightInput,
): { tensor: HostTensor; report: LayerReport } {
  checkCompressionKinds('compressWeight', {
    recipe,
    input,
    codecs: input?.codecs,
  });
  const { name, statistics, codecs } = input;
  const [rewrite] = recipe.rewrites ?? [];
  if (rewrite !== undefined)
    throw new TilewrightError('bad-argument', {
      subject: recipe.name,
      problem: `'${rewrite.name}' changes a whole model`,
      requirement: `'${name}' is a weight by itself`,
      fix: 'give the model to compressState',
    });
  let { tensor } = input;
  for (const { rewrite } of recipe.stages) {
    const part = {
      state: new Map([[name, tensor]]),
      weights: [name],
      sites: [],
      channels: () => [],
      codecs,
    };
    for (const [, changed] of rewrite({
      ...part,
      statistics: () => statistics,
    }))
      tensor = changed;
  }
  return {
    tensor,
    report: measureWeight(name, input.tensor, tensor, statistics, codecs),
  };
}

/** The sums over `layers`. */
export function summarize(recipe: Recipe, layers: readonly LayerReport[]): CompressionReport {
  checkCompressionKinds('summarize', { recipe, layers });
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
