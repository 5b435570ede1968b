// What the functions here take, by the names that it has in all of them: for errors that say what was given in its place.
import { aKindOf, checkOptions, having, type OptionKind } from '@tilewright/kernels';

const kindsOf = (): Readonly<Record<string, OptionKind>> => {
  const compiled = having('what compile gives', 'calls', 'memory');
  return {
    graph: having('a graph, as a builder finishes it', 'nodes', 'values'),
    weights: having('a Map of weights by name', 'get', 'entries'),
    device: having('what openDevice gives', 'sequence'),
    compiled,
    graphs: {
      what: 'an object of what compile gives',
      accepts: (value) =>
        aKindOf(value) === 'an object' && Object.values(value as object).every(compiled.accepts),
    },
  };
};

/** Throws `bad-argument` for what is no graph, no weights, no device or nothing compiled; `subject` is the function that takes them. */
export function checkKinds(
  subject: string,
  given: Readonly<Partial<Record<'graph' | 'weights' | 'device' | 'compiled' | 'graphs', unknown>>>,
): void {
  const kinds = kindsOf();
  checkOptions(subject, given, Object.fromEntries(Object.keys(given).map((name) => [name, kinds[name]!])));
}
