import {
  compose,
  type CompressionProgress,
  type CompressionReport,
  compressWeight,
  linearWeightsOf,
  needsStatistics,
  type Recipe,
} from '@tilewright/compression';
import { checkOptions, having, type StateDict } from '@tilewright/kernels';
import type { WeightCodec } from '@tilewright/kernels/weights';
import { denseCodec } from '@tilewright/kernels/weights/dense';
import { integerCodec, integerQuantizer } from '@tilewright/kernels/weights/integer';
import { nmCodec } from '@tilewright/kernels/weights/n-m';
import { magnitude, sparseGpt, wanda } from '@tilewright/prune';
import { cast, gptq, rtn } from '@tilewright/quant';
import type { Device } from '@tilewright/runtime';
import { compressModel } from '../calibrate/compress.ts';
import type { LanguageGraph } from '../tasks/language-model.ts';
import { checkLoadable } from '../tasks/requests.ts';
import type { RecipeMakers, Variant } from './variants.ts';

export interface VariantOptions {
  /** Of all formats that the recipe stores weights in; default those of the named variants. */
  readonly codecs?: readonly WeightCodec[];
  /** Makes the windows to calibrate on; called where the recipe needs them. */
  readonly windows?: () => Promise<readonly (readonly number[])[]>;
  readonly onProgress?: (progress: CompressionProgress) => void;
  readonly signal?: AbortSignal;
}

export interface MadeVariant {
  /** By published name. */
  readonly weights: StateDict;
  readonly report: CompressionReport;
  readonly calibrated: boolean;
}

const makers: RecipeMakers = { cast, rtn, gptq, integerQuantizer, magnitude, wanda, sparseGpt, compose };

/** The recipe of a named variant. */
export function recipeOf(variant: Variant): Recipe {
  checkOptions('recipeOf', { variant }, { variant: having('a variant', 'recipe', 'tables') });
  return variant.recipe(makers);
}

/** Of the formats that the named variants are stored in. */
const namedCodecs: readonly WeightCodec[] = [denseCodec, integerCodec, nmCodec];

/**
 * Makes a named variant of dense weights. Throws `aborted`, `bad-argument` where calibration finds no text, and what recipes
 * throw.
 */
export async function makeVariant(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  variant: Variant,
  { windows, codecs = namedCodecs, ...options }: VariantOptions = {},
): Promise<MadeVariant> {
  checkLoadable('makeVariant', device, { model, weights }, 'a language model', 'decode');
  const recipe = recipeOf(variant);
  const calibrated = needsStatistics(recipe);
  const made = await compressModel(device, model, weights, recipe, {
    codecs,
    ...options,
    ...(calibrated && windows && { windows: await windows() }),
  });
  const tables = cast(variant.tables);
  const linear = new Set(linearWeightsOf(model));
  const state = new Map(made.weights);
  for (const [name, tensor] of state)
    if (tensor.shape.length === 2 && !linear.has(name) && model.graph.weights[name]?.kind === 'stored')
      state.set(name, compressWeight(tables, { name, tensor, codecs }).tensor);
  return { weights: state, report: made.report, calibrated };
}
