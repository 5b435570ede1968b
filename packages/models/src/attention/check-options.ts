// What recipes ask of their options: counts, one of several words.
import { renameFix, TilewrightError } from '@tilewright/kernels';

/** Refuses a word that is none of `choices`. */
export function checkChoice(recipe: string, name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new TilewrightError('bad-argument', {
    subject: recipe,
    problem: `'${name}' is '${value}'`,
    requirement: `it is ${choices.map((choice) => `'${choice}'`).join(' or ')}`,
    fix: renameFix(String(value), choices, 'choose one'),
  });
}

/** Refuses a number that is no integer from `least` to `most`. */
export function checkCount(
  recipe: string,
  name: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
  throw new TilewrightError('bad-argument', {
    subject: recipe,
    problem: `'${name}' is ${value}`,
    requirement: `it is an integer, ${range}`,
    fix: 'give such a number',
  });
}
