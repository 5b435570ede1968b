// Polynomials as the trees that Programs hold.
import { type Extent, extent } from '@tilewright/kernels';
import { add, type Atom, constantTerm, type Polynomial, scale, sumOf, type Term } from './polynomial.ts';

interface Part {
  readonly negative: boolean;
  readonly tree: Extent;
}

/** The tree of a polynomial: the same for equal polynomials, largest power first, positive terms before negative. */
export function treeOf(p: Polynomial): Extent {
  const drawn: Part[] = [];
  const rest = drawTogether(p, drawn);
  const varying = rest.terms.filter(({ key }) => key !== '').toSorted(byDegree);
  const parts = [
    ...drawn,
    ...varying.map((term) => ({ negative: term.coefficient < 0, tree: termTree(term) })),
  ];
  const number = constantTerm(rest);
  if (number !== 0) parts.push({ negative: number < 0, tree: Math.abs(number) });
  const [first, ...others] = [
    ...parts.filter(({ negative }) => !negative),
    ...parts.filter(({ negative }) => negative),
  ];
  if (!first) return 0;
  const head = first.negative ? extent('*', -1, first.tree) : first.tree;
  return others.reduce<Extent>((sum, { negative, tree }) => extent(negative ? '-' : '+', sum, tree), head);
}

const degree = ({ factors }: Term): number => factors.reduce((sum, { power }) => sum + power, 0);
const byDegree = (a: Term, b: Term): number => degree(b) - degree(a);

/** A term without its sign. */
function termTree({ coefficient, factors }: Term): Extent {
  let number = Math.abs(coefficient);
  const trees: Extent[] = [];
  for (const { atom, power } of factors)
    for (let i = 0; i < power; i++)
      if (atom.kind === 'symbol' && number % atom.unit === 0) {
        number /= atom.unit;
        trees.push(atom.name);
      } else trees.push(atomTree(atom));
  const product = trees.reduce<Extent | undefined>(
    (left, right) => (left === undefined ? right : extent('*', left, right)),
    undefined,
  );
  if (product === undefined) return number;
  return number === 1 ? product : extent('*', number, product);
}

function atomTree(atom: Atom): Extent {
  if (atom.kind === 'symbol') return extent('floor/', atom.name, atom.unit);
  if (atom.kind === 'product') return joined('*', atom.operands);
  return atom.tree();
}

export const joined = (operator: '*' | 'min' | 'max', operands: readonly Polynomial[]): Extent =>
  operands.map(treeOf).reduce((left, right) => extent(operator, left, right));

/** Writes a + b − min(a, b) as max(a, b) and a − ⌊a/2⌋ as ⌈a/2⌉, with their factors; returns what is left. */
function drawTogether(p: Polynomial, drawn: Part[]): Polynomial {
  for (const term of p.terms) {
    const [factor] = term.factors;
    if (term.factors.length !== 1 || factor!.power !== 1) continue;
    const { atom } = factor!;
    const other = 'counterpart' in atom ? atom.counterpart : undefined;
    if (!other) continue;
    const others = sumOf(p.terms.filter((each) => each !== term));
    const rest = add(others, scale(other.sum, term.coefficient));
    if (rest.size >= others.size) continue;
    const times = Math.abs(term.coefficient);
    drawn.push({
      negative: term.coefficient > 0,
      tree: times === 1 ? other.tree() : extent('*', times, other.tree()),
    });
    return drawTogether(rest, drawn);
  }
  return p;
}
