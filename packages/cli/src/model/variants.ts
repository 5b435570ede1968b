// The variants of a model that the command makes and compares, under the names they have everywhere.
import { renameFix, type StateDict, TilewrightError } from '@tilewright/kernels';
import {
  type CompressionProgress,
  type CompressionReport,
  compose,
  type Recipe,
} from '@tilewright/compression';
import { compressModel, type LanguageGraph } from '@tilewright/models';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { magnitude, sparseGpt, wanda } from '@tilewright/prune';
import { cast, gptq, rtn } from '@tilewright/quant';
import type { Device } from '@tilewright/runtime';

const rounded = (bits: 3 | 4 | 8): Recipe => rtn(integerQuantizer({ bits }));
const compensated = (bits: 3 | 4): Recipe => gptq(integerQuantizer({ bits, scale: 'search' }));

/** Integers are symmetric, in groups of 32; 2:4 keeps 2 of 4 neighbouring weights. Each is named as its recipe. */
export const recipes: readonly Recipe[] = [
  cast('f32'),
  cast('f16'),
  rounded(8),
  rounded(4),
  compensated(4),
  rounded(3),
  compensated(3),
  magnitude(),
  wanda(),
  sparseGpt(),
  compose(sparseGpt(), compensated(4)),
];

export const variantNames: readonly string[] = recipes.map(({ name }) => name);

/** Throws `bad-argument` for an unknown name. */
export function recipeNamed(name: string): Recipe {
  const recipe = recipes.find((each) => each.name === name);
  if (recipe) return recipe;
  throw new TilewrightError('bad-argument', {
    subject: '--variant',
    problem: `there is no variant '${name}'`,
    requirement: `the variants are ${variantNames.join(', ')}`,
    fix: renameFix(name, variantNames, 'choose one of them'),
  });
}

export interface VariantOptions {
  /** Windows of tokens for recipes that calibrate. */
  readonly windows?: readonly (readonly number[])[];
  readonly onProgress?: (progress: CompressionProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Applies a recipe to prepared weights: to the linear layers inside the blocks. The embedding and the head, which the
 * recipes do not touch, are kept as f32 in `dense-f32` and as f16 in every other variant.
 */
export async function makeVariant(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  recipe: Recipe,
  options: VariantOptions = {},
): Promise<{ readonly weights: StateDict; readonly report: CompressionReport }> {
  const { weights: linear, report } = await compressModel(device, model, weights, recipe, {
    codecs: weightCodecs,
    ...options,
  });
  const table = cast(recipe.name === 'dense-f32' ? 'f32' : 'f16');
  const made = new Map(linear);
  for (const [name, tensor] of linear)
    if (tensor.shape.length === 2 && !model.linearWeights.includes(name))
      made.set(name, table.compress({ name, tensor, codecs: weightCodecs }));
  return { weights: made, report };
}
