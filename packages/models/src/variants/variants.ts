// The named variants of a model: one list, for the command, the reports and the page. What makes the recipes is handed over,
// so that a menu of names costs a page nothing else.
import type { compose, Recipe } from '@tilewright/compression';
import { checkOptions, renameFix, TilewrightError } from '@tilewright/kernels';
import type { integerQuantizer } from '@tilewright/kernels/weights/integer';
import type { magnitude, sparseGpt, wanda } from '@tilewright/prune';
import type { cast, gptq, rtn } from '@tilewright/quant';

/** What recipes of variants are made with. */
export interface RecipeMakers {
  readonly cast: typeof cast;
  readonly rtn: typeof rtn;
  readonly gptq: typeof gptq;
  readonly integerQuantizer: typeof integerQuantizer;
  readonly magnitude: typeof magnitude;
  readonly wanda: typeof wanda;
  readonly sparseGpt: typeof sparseGpt;
  readonly compose: typeof compose;
}

/** What compression makes of a model under a name that means the same everywhere. */
export interface Variant {
  /** The name of its recipe. */
  readonly name: string;
  /** A few words for a menu. */
  readonly label: string;
  /** How embeddings and heads are kept, which no recipe touches. */
  readonly tables: 'f32' | 'f16';
  /** What is done to the weights of the linear layers inside the blocks. */
  readonly recipe: (makers: RecipeMakers) => Recipe;
}

const rounded =
  (bits: 3 | 4 | 8): Variant['recipe'] =>
  ({ rtn: round, integerQuantizer: quantizer }) =>
    round(quantizer({ bits }));

const compensated =
  (bits: 3 | 4): Variant['recipe'] =>
  ({ gptq: compensate, integerQuantizer: quantizer }) =>
    compensate(quantizer({ bits, scale: 'search' }));

/** The weights as they are, in full precision: what every variant is made from and compared with. */
export const denseVariant: Variant = {
  name: 'dense-f32',
  label: 'every weight, 32 bits',
  tables: 'f32',
  recipe: (makers) => makers.cast('f32'),
};

const smaller = (name: string, label: string, recipe: Variant['recipe']): Variant => ({
  name,
  label,
  tables: 'f16',
  recipe,
});

/** Integers are symmetric, in groups of 32; 2:4 keeps 2 of 4 neighbouring weights in f16. */
export const variants: readonly Variant[] = [
  denseVariant,
  smaller('dense-f16', 'every weight, 16 bits', (makers) => makers.cast('f16')),
  smaller('int8-rtn', '8 bits, rounded', rounded(8)),
  smaller('int4-rtn', '4 bits, rounded', rounded(4)),
  smaller('int4-gptq', '4 bits, calibrated', compensated(4)),
  smaller('int3-rtn', '3 bits, rounded', rounded(3)),
  smaller('int3-gptq', '3 bits, calibrated', compensated(3)),
  smaller('2:4-magnitude', 'half of the weights, the largest', (makers) => makers.magnitude()),
  smaller('2:4-wanda', 'half of the weights, the most used', (makers) => makers.wanda()),
  smaller('2:4-sparsegpt', 'half of the weights, calibrated', (makers) => makers.sparseGpt()),
  smaller('2:4-sparsegpt+int4-gptq', 'half of the weights, 4 bits, calibrated', (makers) =>
    makers.compose(makers.sparseGpt(), compensated(4)(makers)),
  ),
];

/** One of integers and one of sparse weights, by the best recipe for each: what models are compared in. */
export const comparedNames: readonly string[] = ['int4-gptq', '2:4-sparsegpt'];

export const variantNames: readonly string[] = variants.map(({ name }) => name);

/** Throws `bad-argument` for an unknown name; `subject` is who speaks. */
export function variantNamed(name: string, subject: string): Variant {
  checkOptions(
    subject,
    { name },
    { name: { what: 'the name of a variant', accepts: (value) => typeof value === 'string' } },
  );
  const variant = variants.find((known) => known.name === name);
  if (variant) return variant;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `there is no variant '${name}'`,
    requirement: `the variants are ${variantNames.join(', ')}`,
    fix: renameFix(name, variantNames, 'choose one of them'),
  });
}
