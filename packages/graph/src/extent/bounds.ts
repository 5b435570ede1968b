// Bounds of polynomials, tighter than term by term: by cases of min and max, by p/c − 1 < ⌊p/c⌋ ≤ p/c, and by measuring
// symbols from an end of their range.
import {
  add,
  atomic,
  type Atom,
  type AtomOf,
  constant,
  constantTerm,
  divideCoefficients,
  factorBounds,
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
    bounds.push(byCases(p, depth));
    bounds.push(...byQuotients(p, depth));
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

/** A min or max is one of its operands, so a bound of the worst case holds; where it helps, of the best. */
function byCases(p: Polynomial, depth: number): number {
  const atom = p.terms
    .flatMap(({ factors }) => factors.map((factor) => factor.atom))
    .find((each): each is AtomOf<'min' | 'max'> => each.kind === 'min' || each.kind === 'max');
  if (!atom) return -Infinity;
  const cases = atom.operands.map((operand) =>
    lowerBound(
      replaceAtoms(p, (each) => (each.key === atom.key ? operand : undefined)),
      depth - 1,
    ),
  );
  // −min(a, b) is at least −a and at least −b.
  const holders = p.terms.filter(({ factors }) => factors.some((factor) => factor.atom.key === atom.key));
  const sign = holders.length === 1 ? signBeside(holders[0]!, atom) : 0;
  const eitherWay = atom.kind === 'min' ? sign < 0 : sign > 0;
  if (!eitherWay) return Math.min(...cases);
  // And at least −(a + b)/2.
  const count = atom.operands.length;
  const mean = lowerBound(
    add(
      scale(subtract(p, sumOf(holders)), count),
      multiply(without(holders[0]!, atom), add(...atom.operands)),
    ),
    depth - 1,
  );
  return Math.max(Math.ceil(mean / count), ...cases);
}

const without = ({ coefficient, factors }: Term, atom: Atom): Polynomial =>
  sumOf([
    termOf(
      coefficient,
      factors.filter((factor) => factor.atom.key !== atom.key),
    ),
  ]);

/** The sign of what stands beside an atom of a term with power 1; 0 where it is not known. */
function signBeside({ coefficient, factors }: Term, atom: Atom): number {
  if (factors.find((factor) => factor.atom.key === atom.key)!.power !== 1) return 0;
  const rest = factorBounds(factors.filter((factor) => factor.atom.key !== atom.key));
  return rest.min >= 0 ? Math.sign(coefficient) : rest.max <= 0 ? -Math.sign(coefficient) : 0;
}

/** Bounds with one quotient at a time replaced by what it cannot be beyond. */
function* byQuotients(p: Polynomial, depth: number): Generator<number> {
  for (const term of p.terms)
    for (const { atom } of term.factors) {
      const sign = atom.kind === 'floor' ? signBeside(term, atom) : 0;
      if (atom.kind !== 'floor' || sign === 0) continue;
      // c·⌊q/c⌋ lies between q − c + 1 and q.
      const edge = sign < 0 ? atom.dividend : subtract(atom.dividend, constant(atom.divisor - 1));
      const others = scale(subtract(p, sumOf([term])), atom.divisor);
      yield Math.ceil(lowerBound(add(others, multiply(without(term, atom), edge)), depth - 1) / atom.divisor);
    }
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
