// What functions ask of their options: no name that they do not read, and of each that they do a value they can use.
import { type ErrorCode, TilewrightError } from './errors.ts';
import { aKindOf, awaitFix } from './kind-of.ts';
import { renameFix } from './nearest-name.ts';

/** What an option may be. */
export interface OptionKind {
  /** What an error says that it must be. */
  readonly what: string;
  readonly accepts: (value: unknown) => boolean;
}

export const positiveInteger: OptionKind = {
  what: 'a positive integer',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};
export const nonNegativeInteger: OptionKind = {
  what: 'an integer from 0 on',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
export const finiteNumber: OptionKind = { what: 'a finite number', accepts: Number.isFinite };
export const trueOrFalse: OptionKind = {
  what: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};
export const callback: OptionKind = { what: 'a function', accepts: (value) => typeof value === 'function' };
/** What something else looks at. */
export const checkedLater: OptionKind = { what: 'a value', accepts: () => true };
/** Whatever is there: what reads it says what it must be. */
export const anyValue: OptionKind = {
  what: 'a value',
  accepts: (value) => value !== undefined && value !== null,
};
/** An object that has these members, by which a thing of its kind is told from others. */
export const having = (what: string, ...members: readonly string[]): OptionKind => ({
  what,
  accepts: (value) => Object(value) === value && members.every((name) => name in (value as object)),
});
/** A plain object of texts by name. */
export const textsByName: OptionKind = {
  what: 'texts by name',
  accepts: (value) =>
    aKindOf(value) === 'an object' &&
    Object.values(value as Record<string, unknown>).every((text) => typeof text === 'string'),
};
/** One of a few words or numbers. */
export const oneOf = (...choices: readonly (string | number)[]): OptionKind => ({
  what: choices.map((value) => shownOption(value)).join(' or '),
  accepts: (value) => choices.includes(value as string),
});
export const listOf = ({ what, accepts }: OptionKind): OptionKind => ({
  what: `a list, of which each is ${what}`,
  accepts: (value) => Array.isArray(value) && value.every(accepts),
});
/** It may be left out. */
export const optional = ({ what, accepts }: OptionKind): OptionKind => ({
  what,
  accepts: (value) => value === undefined || accepts(value),
});

/** Throws for a value that is not valid. `what` names it, `shown` is how it is written. */
export function demand(
  subject: string,
  what: string,
  shown: unknown,
  valid: boolean,
  requirement: string,
  fix: string,
  code: ErrorCode = 'bad-argument',
): void {
  if (!valid)
    throw new TilewrightError(code, { subject, problem: `${what} is ${shown as string}`, requirement, fix });
}

/** Throws `bad-argument` for the first name in `values` that is not known, and proposes the nearest one that is. */
export function demandNames(
  subject: string,
  values: object,
  known: readonly string[],
  problem: (name: string) => string,
  requirement: string,
): void {
  for (const name of Object.keys(values))
    if (!known.includes(name))
      throw new TilewrightError('bad-argument', {
        subject,
        problem: problem(name),
        requirement: `${requirement} ${known.join(', ') || 'none'}`,
        fix: renameFix(name, known),
      });
}

/**
 * Throws `bad-argument` for options that are not an object, for the first that is not known (what nobody reads is not taken in
 * silence), and where `known` says what they must be, for the first that is not that. Also for the arguments of a function.
 */
export function checkOptions(
  subject: string,
  options: object,
  known: readonly string[] | Readonly<Record<string, OptionKind>>,
): void {
  const kinds = Object.entries<OptionKind | string>(known as Record<string, OptionKind>);
  const names = kinds.map(([name, kind]) => (typeof kind === 'string' ? kind : name));
  demandObject(subject, 'the argument', options, ` of ${names.join(', ')}`);
  demandNames(subject, options, names, (name) => `there is no option '${name}'`, 'known are');
  for (const [name, kind] of kinds) {
    if (typeof kind === 'string') continue;
    const value: unknown = (options as Record<string, unknown>)[name];
    demandKind(subject, name, value, kind.accepts(value), kind.what);
  }
}

/** Throws `bad-argument` for what is no plain object: a promise, a list, a Map. */
export const demandObject = (subject: string, name: string, value: unknown, of = ''): void =>
  demandKind(subject, name, value, aKindOf(value) === 'an object', `an object${of}`);

const demandKind = (subject: string, name: string, value: unknown, valid: boolean, what: string): void =>
  demand(subject, name, shownOption(value), valid, `it must be ${what}`, awaitFix(value, `give ${what}`));

/** A value in a sentence. */
const shownOption = (value: unknown): unknown =>
  typeof value === 'string'
    ? `'${value}'`
    : Array.isArray(value)
      ? `[${value.map((item) => (typeof item === 'object' ? aKindOf(item) : item)).join(', ')}]`
      : /object|function|symbol/.test(typeof value)
        ? aKindOf(value)
        : value;
