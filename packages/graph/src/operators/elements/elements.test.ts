// Operators on elements of any types, on the device under test, against what they mean in f64.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Extent } from '@tilewright/kernels';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import type { ElementType } from '../../ir.ts';
import { type NodeCase, runNode } from '../../oracle/run-node.ts';
import { meanings, operators } from '../../registry.ts';
import { loadSession } from '../../session.ts';
import { findOperator } from '../find-operator.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

const of = (dtype: ElementType, ...shape: readonly Extent[]) => ({ dtype, shape });
const known = (...elements: readonly Extent[]) => ({ known: elements });
const whole = (normal: number): number => Math.round(normal);
const truth = (normal: number): number => Number(normal > 0);

interface NamedCase extends Omit<NodeCase, 'operator'> {
  readonly operator: string;
}

const cases: readonly NamedCase[] = [
  ...['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].flatMap((operator): NamedCase[] => [
    { operator, inputs: { A: ['n', 7], B: [7] }, draw: whole },
    { operator, inputs: { A: of('i32', 'n', 8), B: of('i32', 'n', 1) } },
    { operator, inputs: { A: of('u32', 5), B: known(2) } },
  ]),
  { operator: 'Less', inputs: { A: ['n', 7], B: ['n', 7] }, draw: (normal) => (normal > 0.5 ? NaN : normal) },
  ...['And', 'Or', 'Xor'].map((operator): NamedCase => ({
    operator,
    inputs: { A: of('u32', 'n', 4), B: of('u32', 4) },
    draw: truth,
  })),
  { operator: 'Not', inputs: { X: of('u32', 'n', 5) }, draw: truth },
  ...['f32', 'f16', 'i32', 'u32'].map((dtype): NamedCase => ({
    operator: 'Where',
    inputs: {
      condition: of('u32', 'n', 1),
      X: of(dtype as ElementType, 'n', 6),
      Y: of(dtype as ElementType, 6),
    },
    draw: (normal) => whole(2 * normal),
  })),
  { operator: 'Where', inputs: { condition: of('u32', 3, 4), X: of('i32', 4), Y: known(-7) }, draw: truth },
  { operator: 'IsNaN', inputs: { X: [5, 3] }, draw: (normal) => (normal > 0 ? NaN : 1) },
  {
    operator: 'IsInf',
    inputs: { X: [5, 3] },
    attributes: { detect_negative: 0 },
    draw: (normal) => (Math.abs(normal) > 1 ? Math.sign(normal) * Infinity : normal),
  },
  ...[1, 6, 7, 9, 10, 11, 12, 13].flatMap((to): NamedCase[] => [
    {
      operator: 'Cast',
      inputs: { input: ['n', 9] },
      attributes: { to },
      draw: (normal) => (to > 11 ? Math.abs(9 * normal) : 9 * normal),
    },
    { operator: 'Cast', inputs: { input: of('i32', 'n', 4) }, attributes: { to } },
    { operator: 'Cast', inputs: { input: of('u32', 3) }, attributes: { to } },
  ]),
  {
    operator: 'Cast',
    inputs: { input: [16] },
    attributes: { to: 6 },
    draw: (normal) => (Math.abs(normal) < 0.7 ? NaN : normal * 1e10),
  },
  { operator: 'Cast', inputs: { input: known('n') }, attributes: { to: 1 } },
  ...[0, 1].flatMap((fmod): NamedCase[] => [
    { operator: 'Mod', inputs: { A: of('i32', 'n', 7), B: known(3) }, attributes: { fmod } },
    { operator: 'Mod', inputs: { A: of('i32', 'n', 7), B: known(-4) }, attributes: { fmod } },
    {
      operator: 'Mod',
      inputs: { A: ['n', 7], B: [7] },
      attributes: { fmod: 1 },
      draw: (x) => 2 + Math.abs(x),
    },
  ]),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((operator): NamedCase => ({
    operator,
    inputs: { A: of('i32', 'n', 4), B: of('i32', 4) },
  })),
  { operator: 'BitwiseNot', inputs: { X: of('u32', 7) } },
  ...['LEFT', 'RIGHT'].map((direction): NamedCase => ({
    operator: 'BitShift',
    inputs: { X: of('u32', 40), Y: of('u32', 40) },
    attributes: { direction },
    draw: (normal) => 20 * normal,
  })),
  { operator: 'Trilu', inputs: { input: ['n', 5, 4] }, attributes: { upper: 0 } },
  { operator: 'Trilu', inputs: { input: of('i32', 5, 'n'), k: { known: [-2], shape: [] } } },
  { operator: 'Trilu', inputs: { input: [2, 3, 8], k: known('n') }, dtype: 'f16' },
  { operator: 'EyeLike', inputs: { input: ['n', 5] }, attributes: { k: -1, dtype: 7 } },
  { operator: 'Range', inputs: { start: known(-9), limit: known('n'), delta: known(2) } },
  { operator: 'Range', inputs: { start: known(300), limit: known(0), delta: known(-4) } },
  { operator: 'ConstantOfShape', inputs: { input: known('n', 5) }, attributes: { value: -2.5 } },
  { operator: 'ConstantOfShape', inputs: { input: known(70, 'n') }, attributes: { value: 9, data_type: 7 } },
  {
    operator: 'Pad',
    inputs: { data: ['n', 3, 4], pads: known(1, 0, 2, 0, 1, 3), constant_value: of('f32') },
  },
  {
    operator: 'Pad',
    inputs: { data: of('i32', 2, 'n'), pads: known(-1, 'n'), constant_value: known(9), axes: known(1) },
  },
  ...['reflect', 'edge', 'wrap'].flatMap((mode): NamedCase[] => [
    {
      operator: 'Pad',
      inputs: { data: ['n', 2, 5], pads: known(3, 4), axes: known(-1) },
      attributes: { mode },
    },
    {
      operator: 'Pad',
      inputs: { data: [3, 4], pads: known(2, 3, 1, -1) },
      attributes: { mode },
      dtype: 'f16',
    },
  ]),
  {
    operator: 'GatherElements',
    inputs: { data: ['n', 5, 2], indices: of('i32', 2, 4, 2) },
    attributes: { axis: 1 },
    draw: (normal) => whole(3 * normal),
  },
  { operator: 'GatherElements', inputs: { data: of('u32', 4, 5), indices: of('u32', 'n', 5) } },
  { operator: 'OneHot', inputs: { indices: of('i32', 'n', 5), depth: known(4), values: [2] } },
  {
    operator: 'OneHot',
    inputs: { indices: of('u32', 2, 'n'), depth: known(3), values: of('i32', 2) },
    attributes: { axis: 1 },
  },
  ...['Sin', 'Cos', 'Tan', 'Atan', 'Sinh', 'Cosh', 'Asinh'].flatMap((operator): NamedCase[] => [
    { operator, inputs: { input: ['n', 16] } },
    { operator, inputs: { input: [64] }, draw: (normal) => normal / 20 },
  ]),
  ...['Sin', 'Cos', 'Atan', 'Asinh'].map((operator): NamedCase => ({
    operator,
    inputs: { input: [65] },
    draw: (normal) => 9000 * normal,
  })),
  ...['Asin', 'Acos', 'Atanh'].map((operator): NamedCase => ({
    operator,
    inputs: { input: [65] },
    draw: (normal) => Math.tanh(normal),
  })),
  { operator: 'Asin', inputs: { input: [4] }, data: { input: [-1, 1, 0, 1.5] } },
  { operator: 'Sin', inputs: { input: [4] }, data: { input: [Infinity, -Infinity, NaN, 0] } },
  ...['Sin', 'Cos', 'Tan'].map((operator): NamedCase => ({
    operator,
    inputs: { input: [12] },
    data: {
      input: [
        32768,
        -40_000,
        1_000_000.5,
        16_777_215,
        -3e9,
        2 ** 31,
        5e15,
        -1e20,
        1e30,
        1.0573277e38,
        3.4e38,
        -3.4e38,
      ],
    },
  })),
  {
    operator: 'Mod',
    inputs: { A: [14], B: [14] },
    attributes: { fmod: 1 },
    data: {
      A: [1e38, -3e9, 4.3e9, 7, -7, 5.9999995, 1, -1e-7, 0.5, Infinity, NaN, 2, 16_777_215, 1e-3],
      B: [88.9, 0.7, -3, -2, 0.1, 2, Infinity, -Infinity, 0, 3, 1, NaN, 1e-30, 1e-3],
    },
  },
  { operator: 'Relu', inputs: { X: [5] }, data: { X: [NaN, Infinity, -Infinity, -1, 2] } },
  { operator: 'Acosh', inputs: { input: [65] }, draw: (normal) => 1 + 30 * normal ** 4 - 0.01 },
  { operator: 'Round', inputs: { X: [65] }, draw: (normal) => whole(6 * normal) / 2 },
  ...['Add', 'Sub', 'Mul', 'Div'].flatMap((operator): NamedCase[] => [
    {
      operator,
      inputs: { A: of('i32', 'n', 7), B: of('i32', 7) },
      draw: (normal) => whole(1e4 * normal) || 1,
    },
    { operator, inputs: { A: of('u32', 'n', 4), B: known(3) } },
    { operator, inputs: { A: of('i32', 4), B: known('n') } },
  ]),
  { operator: 'Neg', inputs: { X: of('i32', 'n', 4) } },
  { operator: 'Abs', inputs: { X: of('i32', 'n', 4) } },
  { operator: 'Sign', inputs: { input: of('i32', 'n', 4) } },
  { operator: 'Min', inputs: { data_0: of('i32', 'n', 4), data_1: known(0), data_2: of('i32', 4) } },
  { operator: 'Max', inputs: { data_0: of('u32', 5), data_1: of('u32', 5) } },
  { operator: 'Pow', inputs: { X: of('i32', 'n', 4), Y: of('i32', 4) }, draw: (x) => whole(2 * x) || -1 },
  { operator: 'Pow', inputs: { X: of('u32', 'n', 4), Y: known(3) } },
  { operator: 'Clip', inputs: { input: of('i32', 'n', 4), max: known(1) } },
];

describe.skipIf(testProfile.compileOnly)('on the device and in f64', () => {
  test.each(cases)('$operator $inputs $attributes', async (given) => {
    const operator = findOperator(operators, '', given.operator);
    const { results, calls } = await runNode(opened.device, meanings, { ...given, operator });
    for (const { dtype, got, wants } of Object.values(results))
      for (const want of wants) {
        expect(got.length).toBe(want.length);
        const part = dtype === 'f16' ? 4e-3 : dtype === 'f32' ? 2e-5 : 0;
        want.forEach((wanted, i) => {
          const near =
            Object.is(got[i], wanted) || Math.abs(got[i]! - wanted) <= part * (1 + Math.abs(wanted));
          if (!near) expect.fail(`element ${i} is ${got[i]} instead of ${wanted}`);
        });
      }
    expect(calls).toBe(1);
  });
});

const node = (
  operator: string,
  types: Readonly<Record<string, { readonly dtype: ElementType; readonly shape: readonly Extent[] }>>,
  attributes = {},
) => {
  const g = graphBuilder({ n: { max: 4 } });
  const inputs = Object.entries(types).map(([role, { dtype, shape }]) => [role, g.input(role, dtype, shape)]);
  return g.node(findOperator(operators, '', operator), Object.fromEntries(inputs), attributes, 'node');
};

test('types that do not go together are refused', () => {
  expect(() => node('Add', { A: of('i32', 3), B: of('u32', 3) })).toThrow(
    "[node] 'B' is u32; it must be i32.",
  );
  expect(() => node('And', { A: of('f32', 3), B: of('f32', 3) })).toThrow(
    "[node] 'A' is f32; it must be u32.",
  );
  expect(() => node('Where', { condition: of('f32', 3), X: of('i32', 3), Y: of('i32', 3) })).toThrow(
    "[node] 'condition' is f32; it must be u32.",
  );
  expect(() => node('Cast', { input: of('f32', 3) }, { to: 8 })).toThrow(
    "[node] the attribute 'to' is the data type 8; kernels write 1 (FLOAT), 6 (INT32), 7 (INT64), 9 (BOOL), 10 (FLOAT16), " +
      '11 (DOUBLE), 12 (UINT32), 13 (UINT64). Fix: use one of these.',
  );
  const g = graphBuilder({});
  const inputs = { A: g.input('a', 'u32', [3]), B: g.integers('b', [1], [-1]) };
  expect(() => g.node(findOperator(operators, '', 'Equal'), inputs, {}, 'node')).toThrow(
    "[node] 'B' holds the integer -1; it must be u32, as 'A' is. Fix: cast one of them.",
  );
});

test('several sizes of a run are no tensor', () => {
  const g = graphBuilder({ n: { max: 4 } });
  const inputs = { A: g.input('a', 'i32', [2]), B: g.integers('b', [2], ['n', 1]) };
  const { C } = g.node(findOperator(operators, '', 'Add'), inputs, {}, 'node');
  expect(() => compile(g.finish({ outputs: [C!] }), { capabilities: opened.capabilities })).toThrow(
    "[node] 'b' holds several sizes that only a run knows; a kernel is given one at most.",
  );
});

test('what exporters decide of known shapes vanishes while the graph is built', async () => {
  const g = graphBuilder({ n: { max: 4 } });
  const put = (operator: string, inputs: Readonly<Record<string, string>>, attributes = {}): string =>
    Object.values(g.node(findOperator(operators, '', operator), inputs, attributes))[0]!;
  // The target of an Expand that leaves axes of -1 as they are.
  const wanted = g.integers('wanted', [3], [2, -1, -1]);
  const ones = put('ConstantOfShape', { input: g.integers('three', [1], [3]) }, { value: 1, data_type: 7 });
  const kept = put('Mul', { A: ones, B: g.integers('minus', [1], [-1]) });
  const target = put('Where', { condition: put('Equal', { A: wanted, B: kept }), X: ones, Y: wanted });
  const y = put('Relu', { X: put('Expand', { input: g.input('x', 'f32', [1, 'n', 4]), shape: target }) });
  const graph = g.finish({ outputs: [y] });
  expect(graph.nodes.map(({ operator }) => operator.name)).toEqual(['Expand', 'Relu']);
  expect(graph.values[y]!.shape).toEqual([2, 'n', 4]);
});

test.skipIf(testProfile.compileOnly)('a result without elements needs no kernel', async () => {
  const g = graphBuilder({});
  const inputs = { input: g.input('x', 'f32', [0, 5]) };
  const { output } = g.node(findOperator(operators, '', 'Trilu'), inputs, {}, 'node');
  const compiled = compile(g.finish({ outputs: [output!] }), { capabilities: opened.capabilities });
  expect(compiled.calls).toEqual([]);
  const session = await loadSession(opened.device, { compiled }, new Map());
  session.executables.compiled!.run({}, { x: new Float32Array() });
  expect((await session.executables.compiled!.read(output!)).length).toBe(0);
  session.dispose();
});
