import { type Quantizer, renameFix, type TensorQuantizer, TilewrightError } from '@tilewright/kernels';
import { checkCompressionKinds } from './check-kinds.ts';
import { compose, type Recipe } from './recipe.ts';

/** A recipe as people write it, a step of a composition: `prune 2:4 sparsegpt`. A value: whoever reads texts hands a list over. */
export interface RecipeMethod {
  /** What it does: the first word. */
  readonly verb: string;
  /** Unique among those of the verb. */
  readonly name: string;
  readonly summary: string;
  /** What other words it takes, for people: `FORMAT`, `PATTERN`; empty for none. */
  readonly takes: string;
  /** Throws `bad-argument` for words that it does not take. */
  readonly make: (words: readonly string[], context: MethodContext) => Recipe;
}

/** What words may name. */
export interface MethodContext {
  /** By the name of their format, or by their own. */
  readonly quantizers: readonly (Quantizer | TensorQuantizer)[];
}

/**
 * The recipe that a text describes: steps behind commas, each a verb, what it takes and the name of a method, in any order, such as
 * `prune 2:4 sparsegpt, quant int4-g32 gptq`. Throws `bad-argument` that names the word, and what may stand there.
 */
export function readRecipe(text: string, methods: readonly RecipeMethod[], context: MethodContext): Recipe {
  checkCompressionKinds('readRecipe', { text, methods, context });
  const steps = text.split(',').map((step) => step.trim().split(/\s+/));
  const recipes = steps.map(([verb = '', ...words]) => {
    const verbs = [...new Set(methods.map((method) => method.verb))];
    const ofVerb = methods.filter((method) => method.verb === verb);
    if (ofVerb.length === 0) throw refusal(`'${verb}' begins a step`, verb, verbs, 'a step begins with');
    const named = ofVerb.filter(({ name }) => words.includes(name));
    const [method, ...more] = named.length > 0 ? named : ofVerb.length === 1 ? ofVerb : [];
    if (!method || more.length > 0)
      throw refusal(
        named.length > 1
          ? `'${verb}' has the methods ${named.map(({ name }) => name).join(' and ')}`
          : `'${[verb, ...words].join(' ')}' has no method`,
        words.at(-1) ?? '',
        ofVerb.map(({ name }) => name),
        `'${verb}' takes one of`,
      );
    return method.make(
      words.filter((word) => word !== method.name),
      context,
    );
  });
  const [first, ...others] = recipes;
  return Object.freeze({
    ...others.reduce(compose, first!),
    name: text.trim().replaceAll(/\s+/g, ' '),
  });
}

/** The only word of a step that takes one; `what` is what it names. Throws `bad-argument` for none and for more. */
export function onlyWord(step: string, words: readonly string[], what: string): string {
  checkCompressionKinds('onlyWord', { step, words, what });
  const [word, ...more] = words;
  if (word !== undefined && more.length === 0) return word;
  throw new TilewrightError('bad-argument', {
    subject: 'recipe',
    problem: word === undefined ? `'${step}' has no ${what}` : `'${step}' has ${words.join(' and ')}`,
    requirement: `it takes one ${what}`,
    fix: word === undefined ? `add the ${what}` : 'leave the others out',
  });
}

/** Throws `bad-argument` for words that a step does not take. */
export function noWords(step: string, words: readonly string[]): void {
  checkCompressionKinds('noWords', { step, words });
  if (words.length === 0) return;
  throw new TilewrightError('bad-argument', {
    subject: 'recipe',
    problem: `'${step}' has ${words.join(' and ')}`,
    requirement: 'it takes nothing',
    fix: 'leave that out',
  });
}

/** The quantizer to a format's name. Throws `bad-argument` that lists those there are. */
export function quantizerNamed(
  step: string,
  words: readonly string[],
  context: MethodContext,
): Quantizer | TensorQuantizer {
  checkCompressionKinds('quantizerNamed', { step, words, context });
  const { quantizers } = context;
  const word = onlyWord(step, words, 'format');
  const names = quantizers.map(({ format }) => format.name);
  const found =
    quantizers.find(({ format }) => format.name === word) ?? quantizers.find(({ name }) => name === word);
  if (found) return found;
  throw refusal(`there is no format '${word}' to round to`, word, names, 'known are');
}

const refusal = (
  problem: string,
  word: string,
  names: readonly string[],
  requirement: string,
): TilewrightError =>
  new TilewrightError('bad-argument', {
    subject: 'recipe',
    problem,
    requirement: `${requirement} ${names.join(', ')}`,
    fix: renameFix(word, names, 'choose one of them'),
  });
