// What the functions here take, by name: for errors that say what was given in its place.
import {
  aKindOf,
  anyValue,
  callback,
  checkOptions,
  finiteNumber,
  having,
  listOf,
  nonNegativeInteger,
  type OptionKind,
  optional,
  positiveInteger,
} from '@tilewright/kernels';
import { triangleKind } from './linalg/triangle.ts';

const aText: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' };
const numbersOfHost: OptionKind = {
  what: 'a Float64Array',
  accepts: (value) => value instanceof Float64Array,
};
const recipe = /* @__PURE__ */ having('a recipe, as rtn or compose makes one', 'name', 'stages');

const kinds = (): Readonly<Record<string, OptionKind>> => ({
  recipe,
  first: recipe,
  second: recipe,
  model: having('a model with its graph and its blocks', 'graph', 'blocks'),
  input: having('a weight with its name and codecs', 'name', 'tensor', 'codecs'),
  weight: having('a tensor of the host', 'format', 'shape', 'bytes'),
  changed: having('a tensor of the host', 'format', 'shape', 'bytes'),
  codecs: listOf(having('a codec of weights', 'family')),
  layers: listOf(having('a report of a layer', 'bytesAfter', 'shape')),
  statistics: listOf(having('a statistic', 'id', 'tap')),
  candidates: {
    ...listOf(recipe),
    accepts: (value) => listOf(recipe).accepts(value) && (value as []).length > 0,
  },
  gathered: having('a Gram matrix with its columns', 'gram', 'columns'),
  entries: {
    what: 'pairs of a statistic and its value',
    accepts: (value) =>
      Array.isArray(value) && value.every((pair) => Array.isArray(pair) && aKindOf(pair[0]) === 'an object'),
  },
  part: having('a part of a model as a stage sees it', 'state', 'codecs', 'statistics'),
  text: aText,
  step: aText,
  what: aText,
  words: listOf(aText),
  methods: listOf(having('a method of recipes', 'verb', 'name', 'make')),
  context: having('an object with its quantizers', 'quantizers'),
  matrix: numbersOfHost,
  weights: numbersOfHost,
  factor: triangleKind,
  shape: listOf(nonNegativeInteger),
  bytes: finiteNumber,
  rows: nonNegativeInteger,
  columns: nonNegativeInteger,
  block: positiveInteger,
  room: optional(having('what productRoom gives', 'a', 'b')),
  beginBlock: optional(callback),
  choose: callback,
  feeds: optional(listOf(having('sizes and inputs of a text', 'sizes', 'inputs'))),
  select: optional(callback),
  harm: optional(callback),
  onProgress: optional(callback),
  checkpoints: optional(having('functions that load and save', 'load', 'save')),
  signal: optional(having('an AbortSignal', 'aborted')),
  name: anyValue,
});

/**
 * Throws `bad-argument` for what is no such thing; `subject` is the function that takes them. With `names`, for an object of options: all
 * that it may have.
 */
export function checkCompressionKinds(
  subject: string,
  given: object,
  names: readonly string[] = Object.keys(given),
): void {
  const known = kinds();
  checkOptions(subject, given, Object.fromEntries(names.map((name) => [name, known[name]!])));
}
