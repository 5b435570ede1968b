import { messageOf } from '@tilewright/tooling/message-of';
import { describe, expect, test } from 'vitest';
import { expressionOperations, type ExpressionOperation } from './expression-operations.ts';
import {
  checkExpression,
  type Expression,
  expressionId,
  expressionOperands,
  expressionWgsl,
} from './expression.ts';
import { expressionReference } from './expression-reference.ts';

const swiGlu: Expression = ['add', 'residual', ['mul', ['silu', 'gate'], ['mul', 'up', 0.1]]];
const identity = (value: number): number => value;
const value = (expression: Expression, operands: Record<string, number> = {}): number =>
  expressionReference(expression, operands, identity);

test('operands and id name a formula', () => {
  expect(expressionOperands(swiGlu)).toEqual(['residual', 'gate', 'up']);
  expect(expressionId(swiGlu)).toBe('add(residual,mul(silu(gate),mul(up,0.1)))');
});

test('the reference rounds every operation and no operand', () => {
  const rounded: number[] = [];
  const result = expressionReference(['add', ['mul', 'a', 'b'], 1], { a: 0.1, b: 3 }, (each) => {
    rounded.push(each);
    return Math.round(each);
  });
  expect(rounded).toEqual([0.1 * 3, 1]);
  expect(result).toBe(1);
});

test('WGSL of a formula calls each function it needs once', () => {
  const formula: Expression = ['add', ['silu', 'x'], ['mul', ['sigmoid', 'y'], ['silu', 'y']]];
  const { value: text, functions } = expressionWgsl(formula, (name) => `${name}_value`, {
    type: 'f32',
    prefix: 'epilogue_',
  });
  expect(text).toBe('(epilogue_silu(x_value) + (epilogue_sigmoid(y_value) * epilogue_silu(y_value)))');
  expect(functions).toBe(
    'fn epilogue_sigmoid(x: f32) -> f32 { let e = exp(-abs(x)); let bits = bitcast<u32>(x);\n' +
      '  return bitcast<f32>(select(bitcast<u32>(select(e, f32(1.0), x >= f32(0.0)) / (f32(1.0) + e)), bits, ' +
      '(bits & u32(0x7fffffffu)) > u32(0x7f800000u))); }\n' +
      'fn epilogue_silu(x: f32) -> f32 { return x * epilogue_sigmoid(x); }',
  );
});

test('constants take the type of the formula', () => {
  expect(expressionWgsl(['mul', 'x', 0.5], (name) => name)).toEqual({
    value: '(x * vec4<f32>(0.5))',
    functions: '',
  });
});

describe('known values', () => {
  test.each<[Expression, number]>([
    [['erf', 0.5], 0.5204998778130465],
    [['gelu', 1], 0.8413447460685429],
    [['gelu', -5], -5 * 2.866515718791939e-7],
    [['silu', 1], 0.7310585786300049],
    [['softplus', -30], 9.357622968839299e-14],
    [['relu2', 3], 9],
    [['relu2', -3], 0],
    [['select', ['less', 1, 2], 5, 6], 5],
    [['select', ['equal', 1, 2], 5, 6], 6],
    [['clamp', 9, -1, 1], 1],
    [['rsqrt', 16], 0.25],
  ])('%j', (expression, want) => {
    expect(value(expression)).toBeCloseTo(want, 12);
  });

  test('gelu-tanh is gelu within its published error', () => {
    for (let x = -6; x <= 6; x += 0.125)
      expect(Math.abs(value(['gelu-tanh', x]) - value(['gelu', x]))).toBeLessThan(5e-4);
  });
});

test('activations are finite and right far out', () => {
  const limits: Partial<Record<ExpressionOperation, [low: number, high: number]>> = {
    tanh: [-1, 1],
    sigmoid: [0, 1],
    erf: [-1, 1],
    softplus: [0, 1e4],
    silu: [0, 1e4],
    gelu: [0, 1e4],
    'gelu-tanh': [0, 1e4],
  };
  for (const [operation, [low, high]] of Object.entries(limits)) {
    expect(value([operation as ExpressionOperation, -1e4])).toBeCloseTo(low, 12);
    expect(value([operation as ExpressionOperation, 1e4])).toBe(high);
  }
});

describe('refusals', () => {
  test('an unknown operation', () => {
    expect(messageOf(() => checkExpression(['swish', 'x'] as unknown as Expression))).toBe(
      `[expression] the unknown operation 'swish'; the operations are ${Object.keys(expressionOperations).join(', ')}. Fix: correct that part of it.`,
    );
  });
  test('a wrong number of operands', () => {
    expect(messageOf(() => expressionWgsl(['add', 'x'], identityName))).toBe(
      `[expression] 'add' with 1 operands; it takes 2. Fix: correct that part of it.`,
    );
  });
  test('a constant beyond f32', () => {
    expect(messageOf(() => checkExpression(['add', 'x', 1e39]))).toBe(
      '[expression] the constant 1e+39; constants are finite in f32. Fix: correct that part of it.',
    );
  });
  test('an operand that is no name', () => {
    expect(messageOf(() => checkExpression(['neg', 'x; y']))).toBe(
      "[expression] the operand name 'x; y'; names are letters, digits and _, beginning with a letter. Fix: correct that part of it.",
    );
  });
  test('an operand without a value', () => {
    expect(messageOf(() => value(['neg', 'x']))).toBe(
      "[expression] no value for the operand 'x'; give it one.",
    );
  });
});

const identityName = (name: string): string => name;
