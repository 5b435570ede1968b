// min and max in normal form.
import { lowerBound, boundsOf } from './bounds.ts';
import {
  add,
  atomic,
  type AtomOf,
  divideCoefficients,
  greatestDivisor,
  type Polynomial,
  scale,
  subtract,
  sumOf,
  type Term,
} from './polynomial.ts';
import { byCases } from './search-bounds.ts';
import { joined } from './tree.ts';

const opposite = { min: 'max', max: 'min' } as const;

/** Operands in operands are drawn out up to so many. */
const mostOperands = 16;

/**
 * The smallest or largest of some polynomials. Operands that never decide are dropped, what all have in common moves out.
 * Of two it is always a minimum: max(a, b) = a + b − min(a, b).
 */
export function extremum(kind: 'min' | 'max', polynomials: readonly Polynomial[]): Polynomial {
  const flat = polynomials.flatMap((each) => operandsOf(kind, each));
  const all = flat.length > mostOperands ? polynomials : flat;
  const operands = withoutIdle(kind, [...new Map(all.map((each) => [each.key, each])).values()]);
  if (operands.length === 1) return operands[0]!;
  if (operands.length === 2 && kind === 'max') {
    const [a, b] = operands as [Polynomial, Polynomial];
    return subtract(add(a, b), reduced('min', operands));
  }
  if (operands.length === 2) return reduced('min', operands);
  // max(a, b, c) = −min(−a, −b, −c): the form with fewer parts.
  const ways = [
    reduced(kind, operands),
    scale(
      reduced(
        opposite[kind],
        operands.map((each) => scale(each, -1)),
      ),
      -1,
    ),
  ].sort((a, b) => a.size - b.size || (a.key < b.key ? -1 : 1));
  return ways[0]!;
}

/** The operands of `g · extremum + rest`, each times g and with the rest; of a sum of at most two such. */
function operandsOf(kind: 'min' | 'max', polynomial: Polynomial): readonly Polynomial[] {
  const inner = polynomial.terms.filter(({ coefficient, factors }) => {
    const [factor] = factors;
    if (factors.length !== 1 || factor!.power !== 1) return false;
    return factor!.atom.kind === (coefficient > 0 ? kind : opposite[kind]);
  });
  if (inner.length === 0 || inner.length > 2) return [polynomial];
  const [{ coefficient, factors }] = inner as [Term];
  const { operands } = factors[0]!.atom as AtomOf<'min' | 'max'>;
  const rest = subtract(polynomial, sumOf([inner[0]!]));
  return operands.flatMap((operand) => operandsOf(kind, add(scale(operand, coefficient), rest)));
}

/** Without the operands that another is always at most (for a minimum) or at least. */
function withoutIdle(kind: 'min' | 'max', operands: readonly Polynomial[]): readonly Polynomial[] {
  const sign = kind === 'min' ? 1 : -1;
  const kept = [...operands];
  for (let i = kept.length - 1; i >= 0; i--) {
    const idle = kept.some((other, j) => j !== i && lowerBound(scale(subtract(kept[i]!, other), sign)) >= 0);
    if (idle) kept.splice(i, 1);
  }
  return kept;
}

/**
 * Of each term, the smallest coefficient among the operands moves out, then a factor of all that is left. Extrema move only
 * where all operands have them alike: otherwise what is left could be drawn out into more operands.
 */
function reduced(kind: 'min' | 'max', operands: readonly Polynomial[]): Polynomial {
  const terms = new Map<string, Term>();
  for (const operand of operands) for (const term of operand.terms) terms.set(term.key, term);
  const common = sumOf(
    [...terms.values()].map((term) => {
      const coefficients = operands.map(
        (operand) => operand.terms.find(({ key }) => key === term.key)?.coefficient ?? 0,
      );
      const least = Math.min(...coefficients);
      const stays =
        least !== Math.max(...coefficients) &&
        term.factors.some(({ atom }) => atom.kind === 'min' || atom.kind === 'max');
      return { ...term, coefficient: stays ? 0 : least };
    }),
  );
  const moved = operands.map((operand) => subtract(operand, common));
  const factor = greatestDivisor(
    moved.flatMap((operand) => operand.terms.map(({ coefficient }) => coefficient)),
  );
  const inner = moved
    .map((operand) => divideCoefficients(operand, factor))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const bounds = inner.map(boundsOf);
  const choose = kind === 'min' ? Math.min : Math.max;
  const atom: AtomOf<'min' | 'max'> = {
    kind,
    operands: inner,
    key: `${kind}(${inner.map(({ key }) => key).join(',')})`,
    size: inner.reduce((sum, { size }) => sum + size + 1, 0),
    min: choose(...bounds.map(({ min }) => min)),
    max: choose(...bounds.map(({ max }) => max)),
    search: byCases,
    tree: () => joined(kind, inner),
    // max(a, b) = a + b − min(a, b)
    ...(kind === 'min' &&
      inner.length === 2 && { counterpart: { sum: add(...inner), tree: () => joined('max', inner) } }),
  };
  return add(common, scale(atomic(atom), factor));
}
