// Bounds of polynomials with extrema and quotients: by cases of min and max, and by p/c − 1 < ⌊p/c⌋ ≤ p/c. The atoms bring them, so that
// graphs whose sizes have none carry none.
import { lowerBound, replaceAtoms } from './bounds.ts';
import {
  add,
  type Atom,
  type AtomOf,
  constant,
  factorBounds,
  multiply,
  type Polynomial,
  scale,
  subtract,
  sumOf,
  type Term,
  termOf,
} from './polynomial.ts';

/** A min or max is one of its operands, so a bound of the worst case holds; where it helps, of the best. */
export function byCases(p: Polynomial, depth: number): readonly number[] {
  const atom = p.terms
    .flatMap(({ factors }) => factors.map((factor) => factor.atom))
    .find((each): each is AtomOf<'min' | 'max'> => each.kind === 'min' || each.kind === 'max');
  if (!atom) return [];
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
  if (!eitherWay) return [Math.min(...cases)];
  // And at least −(a + b)/2.
  const count = atom.operands.length;
  const mean = lowerBound(
    add(
      scale(subtract(p, sumOf(holders)), count),
      multiply(without(holders[0]!, atom), add(...atom.operands)),
    ),
    depth - 1,
  );
  return [Math.ceil(mean / count), ...cases];
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
export function* byQuotients(p: Polynomial, depth: number): Generator<number> {
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
