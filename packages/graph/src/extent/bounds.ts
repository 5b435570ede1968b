// Bounds of polynomials, tighter than term by term: by measuring symbols from an end of their range, and by what quotients and
// extrema bring along (search-bounds.ts).
import {
  add,
  atomic,
  type Atom,
  constant,
  constantTerm,
  divideCoefficients,
  greatestDivisor,
  type Interval,
  multiply,
  plainBounds,
  type Polynomial,
  scale,
  subtract,
  sumOf,
  type Term,
  termOf,
} from './polynomial.ts';

/** How many replacements deep a bound is looked for. */
const depthOfSearch = 3;
/** Sums of more terms are bounded term by term. */
const mostSearched = 12;

export const boundsOf = (p: Polynomial): Interval => ({ min: lowerBound(p), max: upperBound(p) });

const upperBound = (p: Polynomial): number => 0 - lowerBound(scale(p, -1));

/** An integer that no value of the polynomial lies below; `-Infinity` where none is found. */
export function lowerBound(p: Polynomial, depth: number = depthOfSearch): number {
  const varying = p.terms.filter(({ key }) => key !== '');
  const plain = plainBounds(p).min;
  if (varying.length <= 1 && !varying.some(({ factors }) => factors.length > 1)) return plain;
  // Rounding up is worth more where neither a constant nor a factor stands in its way.
  const factor = greatestDivisor(varying.map(({ coefficient }) => coefficient));
  const bound = searchedBound(divideCoefficients(sumOf(varying), factor), depth);
  return Math.max(plain, factor * bound + constantTerm(p));
}

function searchedBound(p: Polynomial, depth: number): number {
  const bounds = [plainBounds(fromEnds(p)).min];
  if (depth > 0 && p.terms.length <= mostSearched) {
    const atoms = p.terms.flatMap(({ factors }) => factors.map(({ atom }) => atom));
    const searches = new Set(atoms.flatMap((atom) => ('search' in atom ? [atom.search] : [])));
    for (const search of searches) bounds.push(...search(p, depth));
  }
  return Math.max(...bounds);
}

/** The polynomial in the distances of its symbols from their smallest or largest values, whichever bounds it better. */
function fromEnds(p: Polynomial): Polynomial {
  const symbols = new Map(
    p.terms.flatMap(({ factors }) =>
      factors.flatMap(({ atom }) => (atom.kind === 'symbol' ? [[atom.key, atom] as const] : [])),
    ),
  );
  let best = p;
  for (const symbol of [...symbols.values()].slice(0, mostSearched)) {
    const distance = atomic({ ...symbol, key: `${symbol.key}'`, min: 0, max: symbol.max - symbol.min });
    const ends = [add(constant(symbol.min), distance)];
    if (Number.isSafeInteger(symbol.max)) ends.push(subtract(constant(symbol.max), distance));
    const from = best;
    for (const end of ends) {
      const moved = replaceAtoms(from, (atom) => (atom.key === symbol.key ? end : undefined));
      if (plainBounds(moved).min > plainBounds(best).min) best = moved;
    }
  }
  return best;
}

/** Puts polynomials in the place of some atoms, but not inside of others. */
export function replaceAtoms(p: Polynomial, replacement: (atom: Atom) => Polynomial | undefined): Polynomial {
  const known = new Map<string, Polynomial | undefined>();
  const find = (atom: Atom): Polynomial | undefined => {
    if (!known.has(atom.key)) known.set(atom.key, replacement(atom));
    return known.get(atom.key);
  };
  if (!p.terms.some(({ factors }) => factors.some(({ atom }) => find(atom)))) return p;
  return add(
    ...p.terms.map((term) => {
      let result = constant(term.coefficient);
      for (const { atom, power } of term.factors) {
        const by = find(atom) ?? atomic(atom);
        for (let i = 0; i < power; i++) result = multiply(result, by);
      }
      return result;
    }),
  );
}

/** The largest integer that is known to divide every value of a polynomial; 0 where it is always 0. */
export const divisorOf = (p: Polynomial): number =>
  greatestDivisor(p.terms.map(({ coefficient }) => coefficient));

/** The polynomial that times `divisor` gives `dividend` for all sizes; undefined where there is none. */
export function exactQuotient(dividend: Polynomial, divisor: Polynomial): Polynomial | undefined {
  const lead = leadingTerm(divisor);
  if (!lead) return undefined;
  if (lead.factors.length === 0)
    return divisorOf(dividend) % lead.coefficient === 0
      ? divideCoefficients(dividend, lead.coefficient)
      : undefined;
  let rest = dividend;
  const parts: Term[] = [];
  // Every step removes the leading term and brings in smaller ones only.
  for (let step = 0; rest.terms.length > 0; step++) {
    const part = step < 256 ? quotientOfTerms(leadingTerm(rest)!, lead) : undefined;
    if (!part) return undefined;
    parts.push(part);
    rest = subtract(rest, multiply(sumOf([part]), divisor));
  }
  return sumOf(parts);
}

function quotientOfTerms(dividend: Term, divisor: Term): Term | undefined {
  const coefficient = dividend.coefficient / divisor.coefficient;
  if (!Number.isInteger(coefficient)) return undefined;
  const powers = new Map(dividend.factors.map((factor) => [factor.atom.key, factor]));
  for (const { atom, power } of divisor.factors) {
    const left = (powers.get(atom.key)?.power ?? 0) - power;
    if (left < 0) return undefined;
    if (left === 0) powers.delete(atom.key);
    else powers.set(atom.key, { atom, power: left });
  }
  return termOf(coefficient, [...powers.values()]);
}

/** The first term in lexicographic order of powers, which products respect. */
const leadingTerm = ({ terms }: Polynomial): Term | undefined =>
  terms.reduce<Term | undefined>((lead, term) => (lead && !isBefore(term, lead) ? lead : term), undefined);

function isBefore(a: Term, b: Term): boolean {
  for (let i = 0; ; i++) {
    const [left, right] = [a.factors[i], b.factors[i]];
    if (!left || !right) return left !== undefined;
    if (left.atom.key !== right.atom.key) return left.atom.key < right.atom.key;
    if (left.power !== right.power) return left.power > right.power;
  }
}
