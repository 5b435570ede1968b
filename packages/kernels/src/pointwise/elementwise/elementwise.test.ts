import { testKernel } from '@tilewright/tooling/test-kernel';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { runKernel } from '@tilewright/runtime';
import { describe, expect, test } from 'vitest';
import { type Expression, expressionOperands } from '../../numbers/expression.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { elementwise, elementwiseFilling } from './index.ts';

testKernel(check);

describe.skipIf(testProfile.compileOnly)('NaN stays NaN', () => {
  const zero = 0;
  const [x, y] = [NaN, Infinity, -Infinity, 1, -1].reduce<[number[], number[]]>(
    ([left, right], a, _, all) => [left.concat(all.map(() => a)), right.concat(all)],
    [[], []],
  );
  // Operands that WGSL says something of: no infinite power, no power of a negative number.
  const isDefined = (name: string, i: number): boolean =>
    name !== 'pow' || !(Math.abs(y[i]!) > 1 || x[i]! < 0);
  test.each<[Exclude<Expression, number | string>, (x: number, y: number) => number]>([
    [['min', 'x', 'y'], Math.min],
    [['max', 'x', 'y'], Math.max],
    [['clamp', 'x', 'y', 2], (a, low) => Math.min(Math.max(a, low), 2)],
    [['pow', 'x', 'y'], (a, b) => (Number.isNaN(a) ? NaN : Math.pow(a, b))],
    [['exp', 'x'], Math.exp],
    [['log', 'x'], Math.log],
    [['relu', 'x'], (a) => Math.max(a, 0)],
    [['relu2', 'x'], (a) => Math.max(a, 0) ** 2],
    [['erf', 'x'], (a) => (Number.isFinite(a) ? a * 0.8427007929497149 : Math.sign(a))],
    [['less', 'x', 'y'], (a, b) => (a < b ? 1 : 0)],
    [['select', 'x', 'y', 2], (_, b) => b],
    // What a compiler that thinks nothing NaN or infinite computes without x.
    [['mul', 'x', 0], (a) => a * zero],
    [['mul', ['sub', 1, 1], 'x'], (a) => a * zero],
    [['div', 0, 'x'], (a) => zero / a],
    [['div', 'x', 0], (a) => a / zero],
    [['div', 'x', 'x'], (a) => (Number.isFinite(a) ? 1 : NaN)],
    [['sub', 'x', 'x'], (a) => a - a],
    [['add', 'x', ['neg', 'x']], (a) => a - a],
    [['add', ['mul', 'x', 2], ['mul', -2, 'x']], (a) => a - a],
    [['mul', 'x', ['reciprocal', 'x']], (a) => (Number.isFinite(a) ? 1 : NaN)],
    [['mul', 'x', ['sub', 'y', 'y']], (a, b) => a * (b - b)],
  ])('%j', async (expression, want) => {
    const { device, dispose } = await openTestDevice();
    const compute = elementwiseFilling({ expression, columns: x.length });
    const tensors = {
      'compute.x': device.tensor([1, x.length], x),
      'compute.y': device.tensor([1, x.length], y),
    };
    const names = expressionOperands(expression).map((name) => `compute.${name}`);
    const { y: result } = await runKernel(device, elementwise, {
      axes: { rows: 1, columns: x.length },
      slots: { compute },
      inputs: Object.fromEntries(Object.entries(tensors).filter(([name]) => names.includes(name))),
    });
    const got = await result.read();
    const wanted = x.map((a, i) => (isDefined(expression[0], i) ? closest(got[i]!, want(a, y[i]!)) : got[i]));
    expect([...got]).toEqual(wanted);
    dispose();
  });
  const closest = (got: number, want: number): number => (Math.abs(got - want) < 1e-6 ? got : want);
});

test('a filling made for other columns is refused', () => {
  const compute = elementwiseFilling({ expression: ['neg', 'x'], columns: 8 });
  expect(() => checkProblem(elementwise, { axes: { rows: 1, columns: 6 }, slots: { compute } })).toThrowError(
    "[elementwise] the filling of 'compute' takes 4 columns at a time and there are 6; " +
      'the filling must be made for the same columns. Fix: call elementwiseFilling with columns: 6.',
  );
});

test('an operand the formula does not use is refused', () => {
  expect(() =>
    elementwiseFilling({ expression: ['neg', 'x'], columns: 8, operands: { bias: 'column' } }),
  ).toThrowError(
    "[elementwise] the operand 'bias' is described; the formula uses x. Fix: remove or rename it.",
  );
});

test('a broadcast operand cannot be replaced', () => {
  const input = { expression: ['neg', 'x'], columns: 8, operands: { x: 'row' }, inPlace: 'x' } as const;
  expect(() => elementwiseFilling(input)).toThrowError(
    "[elementwise] 'x' is to be replaced and is broadcast; the result has the shape [rows, columns]. " +
      'Fix: replace a full operand.',
  );
});
