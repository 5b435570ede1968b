// Sums of products over atoms, with integer coefficients, in one order: equal polynomials have equal keys. Private to the
// algebra of extents; what leaves it are the trees of `@tilewright/kernels`.
import { type Extent, TilewrightError } from '@tilewright/kernels';

/** The least and the largest value; infinite where there is none. */
export interface Interval {
  readonly min: number;
  readonly max: number;
}

/** What a polynomial does not look into. `key` is the same for equal atoms, `size` counts the parts of its tree. */
export type Atom = Interval & { readonly key: string; readonly size: number } & (
    | {
        /** `⌊name / unit⌋`, where `unit` is what the symbol is a multiple of. */
        readonly kind: 'symbol';
        readonly name: string;
        readonly unit: number;
      }
    | ({ readonly kind: 'floor'; readonly dividend: Polynomial; readonly divisor: number } & Uncommon)
    | ({ readonly kind: 'min' | 'max'; readonly operands: readonly Polynomial[] } & Uncommon)
    /** Factors that would have too many terms when multiplied out. */
    | { readonly kind: 'product'; readonly operands: readonly Polynomial[] }
  );

/** What an atom that most graphs do not have brings along, so that only those that do carry it. */
interface Uncommon {
  /** Lower bounds of a polynomial with such atoms, tighter than term by term; replacements so many deep. */
  readonly search: (p: Polynomial, depth: number) => Iterable<number>;
  readonly tree: () => Extent;
  /** What it adds up to with another way of writing it, and that. */
  readonly counterpart?: { readonly sum: Polynomial; readonly tree: () => Extent };
}

export type AtomOf<Kind extends Atom['kind']> = Extract<Atom, { kind: Kind }>;

export interface Factor {
  readonly atom: Atom;
  readonly power: number;
}

export interface Term {
  readonly key: string;
  readonly coefficient: number;
  /** In the order of their atoms' keys. */
  readonly factors: readonly Factor[];
}

export interface Polynomial {
  readonly key: string;
  /** In the order of their keys, so a constant term is the first; none is zero. */
  readonly terms: readonly Term[];
  readonly size: number;
}

/** Products with more terms are not multiplied out. */
const mostTerms = 64;
/** Parts of a tree, repetitions counted: what is larger is refused, so that nothing grows beyond all bounds. */
const mostParts = 1000;

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

/** Errors that mean "too large to reckon with", which those who only try may catch. */
export const extentSubject = 'extent';

function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw new TilewrightError('bad-graph', {
    subject: extentSubject,
    problem: `a size or a factor of one is ${value}`,
    requirement: 'sizes are integers below 2⁵³',
    fix: 'give the symbols of the graph smaller bounds, and its tensors sizes that a device can hold',
  });
}

/** Adds up terms, in any order. Throws `bad-graph` for numbers or expressions that are too large. */
export function sumOf(terms: Iterable<Term>): Polynomial {
  const sums = new Map<string, Term>();
  for (const term of terms) {
    const known = sums.get(term.key);
    sums.set(term.key, known ? { ...term, coefficient: known.coefficient + term.coefficient } : term);
  }
  const kept = [...sums.values()].filter(({ coefficient }) => integer(coefficient) !== 0).sort(byKey);
  let size = 0;
  for (const { factors } of kept) {
    size += 1;
    for (const { atom, power } of factors) size += atom.size * power;
  }
  if (size > mostParts)
    throw new TilewrightError('bad-graph', {
      subject: extentSubject,
      problem: `a size is an expression of ${size} parts`,
      requirement: `it may have ${mostParts}, counted where they occur`,
      fix: 'give the graph inputs with fewer symbols, or cut it where sizes are computed',
    });
  return { terms: kept, size, key: kept.map(({ coefficient, key }) => `${coefficient}${key}`).join('+') };
}

export const constant = (value: number): Polynomial =>
  sumOf([{ key: '', coefficient: integer(value), factors: [] }]);

export const zero: Polynomial = /* @__PURE__ */ constant(0);

export const atomic = (atom: Atom): Polynomial => sumOf([termOf(1, [{ atom, power: 1 }])]);

/** The value of a polynomial without atoms. */
export function numberOf({ terms }: Polynomial): number | undefined {
  if (terms.length === 0) return 0;
  return terms.length === 1 && terms[0]!.key === '' ? terms[0]!.coefficient : undefined;
}

export const constantTerm = ({ terms }: Polynomial): number =>
  terms[0]?.key === '' ? terms[0].coefficient : 0;

export function termOf(coefficient: number, factors: readonly Factor[]): Term {
  const sorted = [...factors].sort((a, b) => byKey(a.atom, b.atom));
  const key = sorted.map(({ atom, power }) => `*${atom.key}${power === 1 ? '' : `^${power}`}`).join('');
  return { key, coefficient: integer(coefficient), factors: sorted };
}

export const add = (...parts: readonly Polynomial[]): Polynomial =>
  sumOf(parts.flatMap(({ terms }) => terms));

export const scale = (p: Polynomial, by: number): Polynomial =>
  by === 1 ? p : sumOf(p.terms.map((term) => ({ ...term, coefficient: integer(term.coefficient * by) })));

export const subtract = (a: Polynomial, b: Polynomial): Polynomial => add(a, scale(b, -1));

/** The polynomial over `by`, which must divide every coefficient. */
export const divideCoefficients = (p: Polynomial, by: number): Polynomial =>
  sumOf(p.terms.map((term) => ({ ...term, coefficient: term.coefficient / by })));

export function multiplyTerms(a: Term, b: Term): Term {
  const powers = new Map(a.factors.map((factor) => [factor.atom.key, factor]));
  for (const { atom, power } of b.factors)
    powers.set(atom.key, { atom, power: power + (powers.get(atom.key)?.power ?? 0) });
  return termOf(a.coefficient * b.coefficient, [...powers.values()]);
}

export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  const count = a.terms.length * b.terms.length;
  if (count <= mostTerms || Math.min(a.terms.length, b.terms.length) === 1)
    return sumOf(a.terms.flatMap((left) => b.terms.map((right) => multiplyTerms(left, right))));
  const operands = [a, b].sort(byKey);
  const { min, max } = multiplyIntervals(plainBounds(a), plainBounds(b));
  return atomic({
    kind: 'product',
    operands,
    key: `(${operands.map(({ key }) => key).join(')(')})`,
    size: a.size + b.size,
    min,
    max,
  });
}

/** The greatest common divisor of some integers, not negative. */
export function greatestDivisor(values: Iterable<number>): number {
  let divisor = 0;
  for (const value of values)
    for (let rest = Math.abs(value); rest !== 0;) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}

const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

function multiplyIntervals(a: Interval, b: Interval): Interval {
  const corners = [
    product(a.min, b.min),
    product(a.min, b.max),
    product(a.max, b.min),
    product(a.max, b.max),
  ];
  return { min: Math.min(...corners), max: Math.max(...corners) };
}

/** Bounds of a product of atoms. */
export function factorBounds(factors: readonly Factor[]): Interval {
  let bounds: Interval = { min: 1, max: 1 };
  for (const { atom, power } of factors) {
    const corners = [atom.min ** power, atom.max ** power];
    const even = power % 2 === 0 && atom.min < 0 && atom.max > 0;
    bounds = multiplyIntervals(bounds, {
      min: even ? 0 : Math.min(...corners),
      max: Math.max(...corners),
    });
  }
  return bounds;
}

/** Bounds of a sum, each term by itself: sound, not tight. Beyond 2⁵³ they are infinite, since doubles round there. */
export function plainBounds({ terms }: Polynomial): Interval {
  let [min, max] = [0, 0];
  for (const { coefficient, factors } of terms) {
    const bounds = factorBounds(factors);
    const [a, b] = [product(coefficient, bounds.min), product(coefficient, bounds.max)];
    min += Math.min(a, b);
    max += Math.max(a, b);
  }
  return {
    min: min >= Number.MIN_SAFE_INTEGER ? min : -Infinity,
    max: max <= Number.MAX_SAFE_INTEGER ? max : Infinity,
  };
}
