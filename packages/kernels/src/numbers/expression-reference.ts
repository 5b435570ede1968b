// Formulas in f64, which the oracles of kernels are made of; what runs a kernel needs none of it.
import { TilewrightError } from '../contract/errors.ts';
import type { Expression } from './expression.ts';
import { geluTanhSlope, type ExpressionOperation } from './expression-operations.ts';

type Reference = (...values: number[]) => number;
const of = <Operands extends number[]>(reference: (...values: Operands) => number): Reference =>
  reference as Reference;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const references: Readonly<Record<ExpressionOperation, Reference>> = {
  add: of((a: number, b: number) => a + b),
  sub: of((a: number, b: number) => a - b),
  mul: of((a: number, b: number) => a * b),
  div: of((a: number, b: number) => a / b),
  neg: of((x: number) => -x),
  abs: Math.abs,
  min: Math.min,
  max: Math.max,
  clamp: of((x: number, low: number, high: number) => Math.min(Math.max(x, low), high)),
  square: of((x: number) => x * x),
  reciprocal: of((x: number) => 1 / x),
  pow: of((x: number, exponent: number) => (Number.isNaN(x) ? NaN : Math.pow(x, exponent))),
  exp: of(Math.exp),
  log: of(Math.log),
  sqrt: of(Math.sqrt),
  rsqrt: of((x: number) => 1 / Math.sqrt(x)),
  floor: of(Math.floor),
  tanh: of(Math.tanh),
  sigmoid: of(sigmoid),
  erf: of(erf),
  softplus: of((x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  relu: of((x: number) => Math.max(x, 0)),
  relu2: of((x: number) => Math.max(x, 0) ** 2),
  silu: of((x: number) => x * sigmoid(x)),
  gelu: of((x: number) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))),
  'gelu-tanh': of((x: number) => x * sigmoid(geluTanhSlope * (x + 0.044715 * x ** 3))),
  less: of((a: number, b: number) => (a < b ? 1 : 0)),
  'less-equal': of((a: number, b: number) => (a <= b ? 1 : 0)),
  equal: of((a: number, b: number) => (a === b ? 1 : 0)),
  select: of((condition: number, a: number, b: number) => (condition === 0 ? b : a)),
};

/**
 * The value of a formula in f64, `round` applied to the result of each operation (and to no operand). Throws
 * `bad-argument` where an operand has no value.
 */
export function expressionReference(
  expression: Expression,
  operands: Readonly<Record<string, number>>,
  round: (value: number) => number,
): number {
  if (typeof expression === 'number') return Math.fround(expression);
  if (typeof expression === 'string') {
    const value = operands[expression];
    if (value !== undefined) return value;
    throw new TilewrightError('bad-argument', {
      subject: 'expression',
      problem: `no value for the operand '${expression}'`,
      requirement: 'give it one',
    });
  }
  const [operation, ...rest] = expression;
  return round(references[operation](...rest.map((part) => expressionReference(part, operands, round))));
}

/** The error function in f64, by the series whose terms are all positive: 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 160; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
