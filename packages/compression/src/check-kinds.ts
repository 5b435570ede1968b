// What the functions here take, by name: for errors that say what was given in its place.
import { anyValue, checkOptions, having, listOf, type OptionKind } from '@tilewright/kernels';

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
  name: anyValue,
});

/** Throws `bad-argument` for what is no such thing; `subject` is the function that takes them. */
export function checkCompressionKinds(subject: string, given: Readonly<Record<string, unknown>>): void {
  const known = kinds();
  checkOptions(subject, given, Object.fromEntries(Object.keys(given).map((name) => [name, known[name]!])));
}
