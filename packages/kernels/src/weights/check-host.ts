// What functions on weights of the host take, by name: for errors that say what was given in its place.
import {
  checkOptions,
  having,
  listOf,
  nonNegativeInteger,
  type OptionKind,
} from '../contract/check-options.ts';

const tensor = /* @__PURE__ */ having('a tensor of the host', 'format', 'shape', 'bytes');
const listLike: OptionKind = {
  what: 'a list of numbers',
  accepts: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value),
};

const kinds = (): Readonly<Record<string, OptionKind>> => ({
  tensor,
  full: tensor,
  tensors: listOf(tensor),
  format: having('a weight format', 'name', 'sections'),
  record: having('the record of a format', 'format'),
  families: listOf(having('a family of formats', 'family', 'format')),
  codecs: listOf(having('a codec of weights', 'family')),
  shape: listOf(nonNegativeInteger),
  parts: having('codes and what belongs to them', 'codes'),
  permutation: listLike,
  values: listLike,
  ranges: listOf({
    what: '[from, to]',
    accepts: (value) => Array.isArray(value) && value.length === 2,
  }),
  anyQuantizer: having('a quantizer, or what makes one for each tensor', 'name', 'format', 'limit'),
  quantizer: having('a quantizer', 'fit', 'nearest', 'pack'),
});

/** Throws `bad-argument` for what is no such thing; `subject` is the function that takes them. */
export function checkHost(subject: string, given: object): void {
  const known = kinds();
  checkOptions(subject, given, Object.fromEntries(Object.keys(given).map((name) => [name, known[name]!])));
}
