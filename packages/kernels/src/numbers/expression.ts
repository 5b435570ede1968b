import { expressionOperations, type ExpressionOperation } from './expression-operations.ts';
import { TilewrightError } from '../contract/errors.ts';
import { aKindOf } from '../contract/kind-of.ts';

/**
 * An elementwise formula as plain data: a constant, the name of an operand, or an operation on formulas. It becomes
 * WGSL, an f64 oracle and a cache key, and a compiler can build it node by node.
 *
 * `['add', 'residual', ['mul', 'x', ['sigmoid', 'x']]]` is residual + x · sigmoid(x).
 */
export type Expression =
  | number
  | string
  | readonly [operation: ExpressionOperation, ...operands: Expression[]];

export interface ExpressionWgslOptions {
  /** The type of every operand and of the result; default `vec4<f32>`. */
  readonly type?: 'f32' | 'vec4<f32>';
  /**
   * Begins the names of the functions that are needed; default `formula_`. Two formulas of one Program take different
   * ones (a filling: its slot and `_`).
   */
  readonly prefix?: string;
}

export interface ExpressionWgsl {
  /** The formula, to be put where a value stands. */
  readonly value: string;
  /** Functions that `value` calls, each once; to be put at module scope. Empty where WGSL's own suffice. */
  readonly functions: string;
}

/**
 * WGSL of a formula. `operand` gives the WGSL of an operand, of the type chosen; what it returns may be used more than
 * once, so a load should be a `let` of the caller's.
 *
 * @throws `bad-argument` for an unknown operation, a wrong number of operands, or a constant that is not finite in f32.
 */
export function expressionWgsl(
  expression: Expression,
  operand: (name: string) => string,
  { type = 'vec4<f32>', prefix = 'formula_' }: ExpressionWgslOptions = {},
): ExpressionWgsl {
  checkExpression(expression);
  const functions = new Map<string, string>();
  const bits = type === 'f32' ? 'u32' : 'vec4<u32>';
  const nameOf = (operation: ExpressionOperation): string => `${prefix}${operation.replace('-', '_')}`;
  const declare = (operation: ExpressionOperation): void => {
    const { parameters, body, calls } = expressionOperations[operation];
    if (body === undefined || functions.has(operation)) return;
    calls?.forEach(declare);
    const text = body(type, (name) => nameOf(name))
      .replaceAll(/\bT\b/g, type)
      .replaceAll(/\bU\b/g, bits);
    const list = parameters.map((name) => `${name}: ${type}`).join(', ');
    functions.set(operation, `fn ${nameOf(operation)}(${list}) -> ${type} { ${text} }`);
  };
  const write = (part: Expression): string => {
    if (typeof part === 'number') return `${type}(${Math.fround(part)})`;
    if (typeof part === 'string') return operand(part);
    const [operation, ...rest] = part;
    const values = rest.map(write);
    const { wgsl, body } = expressionOperations[operation];
    if (wgsl && !(body && mayFold(part))) return wgsl(...values);
    declare(operation);
    return `${nameOf(operation)}(${values.join(', ')})`;
  };
  return { value: write(expression), functions: [...functions.values()].join('\n') };
}

/**
 * Whether compilers, which take WGSL's leave to think nothing NaN or infinite, may compute this sum, difference, product or
 * quotient without its operands: one side is or may be 0 (or flushed to it), or the sides share what cancels, as in x - x.
 */
function mayFold(formula: Exclude<Expression, string | number>): boolean {
  const [operation, ...rest] = formula;
  // A formula of constants only is not computed here, so it may be 0.
  const isZero = (part: Expression): boolean =>
    typeof part === 'number'
      ? !(Math.abs(Math.fround(part)) >= 2 ** -126)
      : expressionOperands(part).length === 0;
  if (rest.some(isZero)) return true;
  if (operation === 'mul' && !/div|reciprocal/.test(expressionId(formula))) return false;
  const joins = /add|sub/.test(operation) ? ['add', 'sub', 'neg'] : ['mul', 'div', 'neg', 'reciprocal'];
  const [left, right] = rest.map((part) => joined(part, joins)) as [readonly string[], readonly string[]];
  return left.some((part) => right.includes(part));
}

/** What a formula joins by some operations, constant factors aside: of sums the terms, of products the factors. */
function joined(formula: Expression, joins: readonly string[]): readonly string[] {
  if (typeof formula !== 'object') return typeof formula === 'number' ? [] : [formula];
  const [operation, ...rest] = formula;
  const isMultiple = operation === 'mul' && rest.some((part) => typeof part === 'number');
  return isMultiple || joins.includes(operation)
    ? rest.flatMap((part) => joined(part, joins))
    : [expressionId(formula)];
}

/** The names of a formula's operands, each once, in order of appearance. */
export function expressionOperands(expression: Expression): readonly string[] {
  if (typeof expression === 'number') return [];
  if (typeof expression === 'string') return [expression];
  const [, ...rest] = expression;
  return [...new Set(rest.flatMap(expressionOperands))];
}

/** A short text that is the same for equal formulas only: `add(residual,mul(x,0.5))`. */
export function expressionId(expression: Expression): string {
  if (typeof expression !== 'object') return String(expression);
  const [operation, ...rest] = expression;
  return `${operation}(${rest.map(expressionId).join(',')})`;
}

/**
 * Refuses what is not a formula.
 *
 * @throws `bad-argument` as {@link expressionWgsl}, and for an operand whose name is no WGSL identifier.
 */
export function checkExpression(expression: Expression): void {
  if (typeof expression === 'number') {
    if (Number.isFinite(Math.fround(expression))) return;
    refuse(`the constant ${expression}`, 'constants are finite in f32');
  }
  if (typeof expression === 'string') {
    if (/^[a-z]\w*$/i.test(expression)) return;
    refuse(`the operand name '${expression}'`, 'names are letters, digits and _, beginning with a letter');
  }
  if (!Array.isArray(expression))
    refuse(
      aKindOf(expression),
      'it is a number, the name of an operand, or a list of an operation and what it takes',
    );
  const [operation, ...rest] = expression as Exclude<Expression, string | number>;
  if (!Object.hasOwn(expressionOperations, operation))
    refuse(
      `the unknown operation '${operation}'`,
      `the operations are ${Object.keys(expressionOperations).join(', ')}`,
    );
  const { parameters } = expressionOperations[operation];
  if (rest.length !== parameters.length)
    refuse(`'${operation}' with ${rest.length} operands`, `it takes ${parameters.length}`);
  rest.forEach(checkExpression);
}

function refuse(problem: string, requirement: string): never {
  const fix = 'correct that part of it';
  throw new TilewrightError('bad-argument', { subject: 'expression', problem, requirement, fix });
}
