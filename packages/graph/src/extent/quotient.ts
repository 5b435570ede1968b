// ⌊p/c⌋ in normal form.
import { extent } from '@tilewright/kernels';
import { boundsOf } from './bounds.ts';
import {
  add,
  atomic,
  constant,
  constantTerm,
  divideCoefficients,
  greatestDivisor,
  type Polynomial,
  scale,
  subtract,
  sumOf,
} from './polynomial.ts';
import { byQuotients } from './search-bounds.ts';
import { treeOf } from './tree.ts';

/**
 * `⌊p / c⌋` for a positive integer c. What c divides moves out; of the rest, coefficients are the smallest in absolute
 * value and the first is positive (⌊3n/4⌋ is n − ⌈n/4⌉), without a factor in common with c, and not itself a quotient.
 */
export function floorDivide(p: Polynomial, c: number): Polynomial {
  if (c === 1) return p;
  const { whole, rest } = divide(p, c);
  const coefficients = rest.terms.filter(({ key }) => key !== '').map(({ coefficient }) => coefficient);
  if (coefficients.length === 0) return whole;
  const offset = constantTerm(rest);
  // ⌊−q/c⌋ = −⌊(q + c − 1)/c⌋. A coefficient c/2 has no sign to choose by; if there are no others, c is 2.
  const sign = coefficients.find((coefficient) => 2 * coefficient !== c) ?? (offset === 0 || c > 2 ? 1 : -1);
  if (sign < 0) return subtract(whole, floorDivide(add(scale(rest, -1), constant(c - 1)), c));
  const common = greatestDivisor([c, ...coefficients]);
  if (common > 1) {
    const varying = divideCoefficients(subtract(rest, constant(offset)), common);
    return add(whole, floorDivide(add(varying, constant(Math.floor(offset / common))), c / common));
  }
  return add(whole, quotient(rest, c));
}

/** `p = c · whole + rest`, with every coefficient of the rest in (−c/2, c/2] and its constant in [0, c). */
function divide(p: Polynomial, c: number): { readonly whole: Polynomial; readonly rest: Polynomial } {
  const whole = sumOf(
    p.terms.map((term) => {
      const floor = Math.floor(term.coefficient / c);
      const beyondHalf = term.key !== '' && 2 * (term.coefficient - floor * c) > c;
      return { ...term, coefficient: beyondHalf ? floor + 1 : floor };
    }),
  );
  return { whole, rest: subtract(p, scale(whole, c)) };
}

function quotient(dividend: Polynomial, divisor: number): Polynomial {
  const bounds = boundsOf(dividend);
  const [min, max] = [Math.floor(bounds.min / divisor), Math.floor(bounds.max / divisor)];
  if (min === max) return constant(min);
  // ⌊(k + ⌊q/d⌋)/c⌋ = ⌊(k·d + q)/(c·d)⌋, and with −⌊q/d⌋ = ⌊(−q + d − 1)/d⌋ the same
  for (const term of dividend.terms) {
    const [factor] = term.factors;
    if (factor?.atom.kind !== 'floor' || term.factors.length !== 1 || factor.power !== 1) continue;
    const { dividend: inner, divisor: by } = factor.atom;
    if (Math.abs(term.coefficient) !== 1 || !Number.isSafeInteger(by * divisor)) continue;
    const numerator = term.coefficient === 1 ? inner : add(scale(inner, -1), constant(by - 1));
    const others = sumOf(dividend.terms.filter((other) => other !== term));
    return floorDivide(add(scale(others, by), numerator), by * divisor);
  }
  return atomic({
    kind: 'floor',
    dividend,
    divisor,
    key: `floor(${dividend.key},${divisor})`,
    size: dividend.size + 2,
    min,
    max,
    search: byQuotients,
    tree: () => {
      if (constantTerm(dividend) !== divisor - 1) return extent('floor/', treeOf(dividend), divisor);
      return extent('ceil/', treeOf(sumOf(dividend.terms.filter(({ key }) => key !== ''))), divisor);
    },
    // ⌈a/2⌉ = a − ⌊a/2⌋
    ...(divisor === 2 && {
      counterpart: { sum: dividend, tree: () => extent('ceil/', treeOf(dividend), 2) },
    }),
  });
}
