// JSON.parse keeps the last of two equal names without a word, nests as deep as the text says, and turns a
// few megabytes of brackets into gigabytes of objects. Files are hostile until checked, so this reader
// refuses all three.

import { badFile, shown } from '../bad-file.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A Map and not an object: a name from a file (`__proto__`) can then never reach a prototype. */
export type JsonObject = ReadonlyMap<string, Json>;

export interface JsonLimits {
  /** The file, for messages. */
  readonly subject: string;
  /** Which part of the file the text is: "the header", "the file". */
  readonly part: string;
  /** How deep arrays and objects may nest; a scalar has depth 0. */
  readonly maxDepth: number;
}

/**
 * The most values one text may hold: room for a quarter of a million tensors, and a bound on what parsing
 * allocates.
 */
const maxValues = 2 ** 21;
const numberSyntax = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const literals: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * Parses strict JSON (RFC 8259), and refuses duplicate names, excessive depth and excessive size: code
 * `bad-file`.
 */
export function parseJson(text: string, { subject, part, maxDepth }: JsonLimits): Json {
  let at = 0;
  let values = 0;

  const unexpected = (wanted: string): Error => {
    const found = at < text.length ? shown(text.slice(at, at + 12)) : 'the end';
    return badFile(
      subject,
      `${part} is not JSON: ${wanted} was expected at character ${at}, not ${found}`,
      `${part} must be valid JSON`,
      'get the file again, it may be damaged or another kind of file',
    );
  };

  const skipSpace = (): void => {
    for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9;) {
      code = text.charCodeAt(++at);
    }
  };

  const take = (character: string): boolean => {
    skipSpace();
    if (text[at] !== character) return false;
    at++;
    return true;
  };

  const string = (): string => {
    skipSpace();
    if (text[at] !== '"') throw unexpected('a string');
    const start = at;
    let end = start + 1;
    let plain = true;
    for (; ; end++) {
      const code = text.charCodeAt(end);
      if (code === 34) break;
      if (Number.isNaN(code) || code < 32) throw unexpected('a string');
      if (code === 92) {
        plain = false;
        end++;
      }
    }
    at = end + 1;
    if (plain) return text.slice(start + 1, end);
    try {
      return String(JSON.parse(text.slice(start, at)));
    } catch {
      at = start;
      throw unexpected('a string');
    }
  };

  const number = (): number => {
    let end = at;
    while (end - at <= 64 && end < text.length && '+-.0123456789eE'.includes(text.charAt(end))) end++;
    const token = text.slice(at, end);
    if (token.length > 64 || !numberSyntax.test(token)) throw unexpected('a value');
    at = end;
    return Number(token);
  };

  const array = (depth: number): readonly Json[] => {
    const items: Json[] = [];
    if (take(']')) return items;
    do items.push(value(depth));
    while (take(','));
    if (!take(']')) throw unexpected("',' or ']'");
    return items;
  };

  const object = (depth: number): JsonObject => {
    const members = new Map<string, Json>();
    if (take('}')) return members;
    do {
      const name = string();
      if (members.has(name)) {
        throw badFile(
          subject,
          `${part} names ${shown(name)} twice`,
          'a name may appear once in an object, or its meaning is a guess',
          'write the file again with distinct names',
        );
      }
      if (!take(':')) throw unexpected("':'");
      members.set(name, value(depth));
    } while (take(','));
    if (!take('}')) throw unexpected("',' or '}'");
    return members;
  };

  const value = (depth: number): Json => {
    if (++values > maxValues) {
      throw badFile(
        subject,
        `${part} holds more than ${maxValues} values`,
        'no real model comes near that many',
        'split the model into shards, or get the file again',
      );
    }
    skipSpace();
    const first = text[at];
    if (first === '"') return string();
    if (first === '{' || first === '[') {
      if (depth >= maxDepth) {
        throw badFile(
          subject,
          `${part} nests deeper than ${maxDepth} levels at character ${at}`,
          `${part} needs no more than that`,
          'get the file again, it may be damaged or made to do harm',
        );
      }
      at++;
      return first === '{' ? object(depth + 1) : array(depth + 1);
    }
    for (const [word, meaning] of literals) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    return number();
  };

  const result = value(0);
  skipSpace();
  if (at < text.length) throw unexpected('nothing more');
  return result;
}

/** True for JSON objects, which {@link parseJson} gives as Maps. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}
