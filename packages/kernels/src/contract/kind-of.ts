// Values that a caller hands over, as words.

export const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';

/** What is to be done about a value of another kind: waiting for it, or what else `fix` says. */
export const awaitFix = (value: unknown, fix: string): string =>
  isPromise(value) ? 'write await in front of it' : fix;

/** What a value is, for a sentence: 'a Float32Array', 'a promise', 'the number 3'. */
export const aKindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (isPromise(value)) return 'a promise';
  if (typeof value !== 'object')
    return typeof value === 'function' ? 'a function' : `the ${typeof value} ${String(value)}`;
  const { name } = (value as object).constructor ?? {};
  return name && name !== 'Object' ? `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}` : 'an object';
};

/** A number as it is; a text that looks like one is told from it. */
export const shownNumber = (value: unknown): unknown => (typeof value === 'number' ? value : aKindOf(value));
