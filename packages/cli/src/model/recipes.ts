// What `--variant`, `--recipe` and `--target` ask for.
import {
  compose,
  type MethodContext,
  readRecipe,
  type Recipe,
  type RecipeMethod,
} from '@tilewright/compression';
import { TilewrightError } from '@tilewright/kernels';
import { integer } from '@tilewright/kernels/weights/integer';
import { weightExamples } from '@tilewright/kernels/weights/registry';
import type { ModelEdit } from '@tilewright/models';
import { type Variant, variantNamed } from '@tilewright/models/variants';
import { cast } from '@tilewright/quant';
import { pruneMethods } from '@tilewright/prune/registry';
import { quantMethods } from '@tilewright/quant/registry';
import { splitEdits } from './edits.ts';

export const recipeMethods: readonly RecipeMethod[] = [...pruneMethods, ...quantMethods];

/** What recipes round with: all that the families of formats bring. */
export const quantizers: MethodContext['quantizers'] = weightExamples.flatMap(
  (example) => example.quantizers,
);

const context: MethodContext = { quantizers };

/** Names of the formats that recipes round to. */
export const formatNames: readonly string[] = quantizers.map(({ format }) => format.name);

/** Names of those that a budget chooses among where nothing is said: each takes its time to be measured. */
export const budgetFormats: readonly string[] = ([2, 3, 4, 5, 6, 8] as const).map(
  (bits) => integer({ bits }).name,
);

const variantOf = (name: string, recipe: Recipe): Variant => ({
  name,
  label: name,
  tables: 'f16',
  recipe: () => recipe,
});

/** The variant that a composition makes; embeddings and heads are f16. Throws `bad-argument`. */
export const composedVariant = (text: string): Variant => {
  const recipe = readRecipe(text, recipeMethods, context);
  // What only turns weights stores them as they are.
  const whole = recipe.stages.length === 0 ? { ...compose(recipe, cast('f16')), name: recipe.name } : recipe;
  return variantOf(recipe.name, whole);
};

/** The variant that a composition makes, and the edits that it begins with. Throws `bad-argument`. */
export const wantedRecipe = (text: string): WantedVariant => {
  const { edits, steps } = splitEdits(text);
  if (edits.length === 0) return { variant: composedVariant(text) };
  const name = text.trim().replaceAll(/\s+/g, ' ');
  // What is only edited is stored as it is.
  return { variant: { ...composedVariant(steps.join(', ') || 'cast f16'), name }, edits };
};

/** A size to stay within, as `--target` says it: of all linear layers, or a mean. */
export type Target = { readonly bits: number } | { readonly bytes: number };

/** A variant, and where a budget is to be kept, what there is to choose from for its last step. */
export interface WantedVariant {
  readonly variant: Variant;
  /** What changes the model's shape before that; default none. */
  readonly edits?: readonly ModelEdit[];
  readonly budget?: {
    readonly target: Target;
    readonly first: Recipe | undefined;
    readonly candidates: readonly Recipe[];
  };
}

/** Throws `bad-argument` for what does not go together. */
export function wantedVariant(flags: {
  readonly variant?: string;
  readonly recipe?: string;
  readonly target?: Target;
}): WantedVariant {
  const { variant, recipe, target } = flags;
  const refuse = (problem: string, fix: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: 'compress',
      problem,
      requirement: 'how to compress is said once',
      fix,
    });
  };
  if (variant !== undefined && (recipe !== undefined || target !== undefined))
    return refuse('there are --variant and another way', 'leave one out');
  if (variant !== undefined) return { variant: variantNamed(variant, '--variant') };
  if (target === undefined)
    return recipe === undefined
      ? refuse(
          'there is no --variant, --recipe or --target',
          'give one: tilewright compress --help lists them',
        )
      : wantedRecipe(recipe);
  const all = recipe ?? `quant ${budgetFormats.join('/')} gptq`;
  const { edits, steps: given } = splitEdits(all);
  const steps = [...given];
  const last = steps.pop() ?? '';
  const candidates = alternatives(last).map((step) => readRecipe(step, recipeMethods, context));
  if (candidates.length < 2 || candidates.some(({ stages }) => stages.length > 1))
    return refuse(
      `'${last}' leaves --target nothing to choose`,
      "name formats with / between them: --recipe 'quant int3-g32/int4-g32/int8-g32 gptq'",
    );
  const first = steps.length === 0 ? undefined : readRecipe(steps.join(', '), recipeMethods, context);
  const name =
    recipe === undefined
      ? 'quant gptq'
      : all
          .split(',')
          .map((step) => step.trim())
          .join(', ');
  const whole = candidates.map((candidate) => (first ? compose(first, candidate) : candidate));
  return {
    variant: variantOf(name, whole[0]!),
    edits,
    budget: { target, first, candidates },
  };
}

/** A step once for each of the words that stand with / between them. */
function alternatives(step: string): readonly string[] {
  const words = step.split(/\s+/);
  const at = words.findIndex((word) => word.includes('/'));
  if (at < 0) return [step];
  return words[at]!.split('/').map((word) => words.with(at, word).join(' '));
}
