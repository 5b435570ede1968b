// Operators of single elements, reductions and products of matrices on the device under test, against what they mean in f64, whole
// and as the nodes that they become.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import type { Attribute } from '../ir.ts';
import { type NodeCase, runNode } from '../oracle/run-node.ts';
import { meanings, operators } from '../registry.ts';
import { findOperator } from './find-operator.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

/** An ONNX operator by its name, and how many kernels it calls. */
interface NamedCase extends Omit<NodeCase, 'operator'> {
  readonly operator: string;
  readonly calls?: number;
}

async function expectMeaning({ operator, calls, ...node }: NamedCase) {
  const run = { ...node, operator: findOperator(operators, '', operator) };
  const { results, calls: made } = await runNode(opened.device, meanings, run);
  for (const { got, wants } of Object.values(results))
    for (const want of wants) {
      expect(got.length).toBe(want.length);
      want.forEach((wanted, i) => {
        const bound = (node.dtype === 'f16' ? 4e-3 : 2e-5) * (1 + Math.abs(wanted));
        const off = !Object.is(got[i], wanted) && !(Math.abs(got[i]! - wanted) <= bound);
        if (off) expect.fail(`element ${i} is ${got[i]} instead of ${wanted}`);
      });
    }
  if (calls !== undefined) expect(made).toBe(calls);
}

const one = (
  operator: string,
  attributes: Readonly<Record<string, Attribute>> = {},
  role = 'X',
): NamedCase => ({
  operator,
  inputs: { [role]: ['n', 7] },
  attributes,
  calls: 1,
});
const known = (...elements: readonly number[]) => ({ known: elements });

const cases: readonly NamedCase[] = [
  { ...one('Reciprocal'), draw: (normal) => normal + Math.sign(normal) },
  one('Floor'),
  one('Ceil'),
  one('LeakyRelu', { alpha: 0.3 }),
  one('Elu', { alpha: 1.5 }),
  one('Selu'),
  one('Celu', { alpha: 2 }),
  one('HardSigmoid'),
  one('HardSwish'),
  one('ThresholdedRelu', { alpha: 0.5 }),
  one('Softsign', {}, 'input'),
  one('Mish'),
  { ...one('Mish'), draw: (normal) => 60 * normal },
  one('Shrink', { lambd: 1.5, bias: 0.75 }, 'input'),
  { operator: 'PRelu', inputs: { X: ['n', 5, 6], slope: [5, 1] }, calls: 1 },
  {
    operator: 'Pow',
    inputs: { X: ['n', 7], Y: [7] },
    draw: (normal) => Math.round(2 * normal) || 1,
    calls: 1,
  },
  { operator: 'Pow', inputs: { X: [5, 9], Y: [5, 9] }, draw: (normal) => normal, calls: 1 },
  { operator: 'Min', inputs: { data_0: ['n', 4], data_1: [4], data_2: ['n', 1] }, calls: 1 },
  { operator: 'Max', inputs: { data_0: ['n', 4], data_1: [1] }, dtype: 'f16', calls: 1 },
  { operator: 'Sum', inputs: { data_0: ['n', 'm'], data_1: ['n', 1] }, calls: 1 },
  { operator: 'Mean', inputs: { data_0: [3, 4], data_1: [4], data_2: [3, 4] }, calls: 1 },
  { operator: 'Clip', inputs: { input: ['n', 4], min: [], max: [] }, calls: 1 },
  { operator: 'Clip', inputs: { input: ['n', 4], max: [] }, dtype: 'f16', calls: 1 },
  { operator: 'ReduceSum', inputs: { data: ['n', 4, 5], axes: known(-1) }, calls: 1 },
  {
    operator: 'ReduceMean',
    inputs: { data: ['n', 4, 5, 3], axes: known(2, 1) },
    attributes: { keepdims: 0 },
    calls: 1,
  },
  { operator: 'ReduceMax', inputs: { data: [2, 4, 5, 3], axes: known(0, 2) }, calls: 2 },
  {
    operator: 'ReduceMin',
    inputs: { data: [2, 4, 5, 3], axes: known(3, 0) },
    attributes: { keepdims: 0 },
    calls: 2,
  },
  { operator: 'ReduceSumSquare', inputs: { data: [4, 3, 5], axes: known(0, 2) }, calls: 2 },
  { operator: 'ReduceL1', inputs: { data: ['n', 6], axes: known(1) }, calls: 2 },
  { operator: 'ReduceL2', inputs: { data: [3, 6] }, attributes: { keepdims: 0 }, calls: 2 },
  {
    operator: 'ReduceLogSum',
    inputs: { data: ['n', 6], axes: known(1) },
    draw: (normal) => 1 + Math.abs(normal),
    calls: 2,
  },
  {
    operator: 'ReduceProd',
    inputs: { data: ['n', 6], axes: known(1) },
    draw: (normal) => 1 + normal / 8,
    calls: 1,
  },
  {
    operator: 'ReduceProd',
    inputs: { data: { dtype: 'i32', shape: ['n', 3, 4] }, axes: known(1) },
    calls: 1,
  },
  {
    operator: 'ReduceSum',
    inputs: { data: { dtype: 'i32', shape: ['n', 70] }, axes: known(1) },
    attributes: { keepdims: 0 },
    calls: 1,
  },
  { operator: 'ReduceMin', inputs: { data: { dtype: 'u32', shape: [2, 4, 5] } }, calls: 1 },
  { operator: 'ReduceLogSumExp', inputs: { data: ['n', 6], axes: known(1) }, attributes: { keepdims: 0 } },
  { operator: 'ReduceLogSumExp', inputs: { data: [2, 3, 5] }, draw: (normal) => 100 * normal },
  ...['ReduceSum', 'ReduceL2', 'ReduceProd', 'ReduceMax', 'ReduceMean'].map((operator): NamedCase => ({
    operator,
    inputs: { data: ['n', 0, 2], axes: known(1) },
  })),
  { operator: 'ReduceSum', inputs: { data: [2, 0, 4], axes: known(2) }, calls: 0 },
  { operator: 'ReduceMean', inputs: { data: ['n', 6] }, attributes: { noop_with_empty_axes: 1 }, calls: 1 },
  { operator: 'CumSum', inputs: { x: ['n', 5, 3], axis: known(0) }, calls: 1 },
  { operator: 'CumSum', inputs: { x: [2, 'n'], axis: known(-1) }, attributes: { exclusive: 1 }, calls: 1 },
  {
    operator: 'CumSum',
    inputs: { x: { dtype: 'i32', shape: [3, 700] }, axis: known(1) },
    attributes: { reverse: 1 },
    calls: 1,
  },
  {
    operator: 'CumProd',
    inputs: { x: ['n', 4, 2], axis: { known: [1], shape: [] } },
    attributes: { exclusive: 1, reverse: 1 },
    dtype: 'f16',
    draw: (normal) => Math.round(normal) || 1,
    calls: 1,
  },
  { operator: 'Gemm', inputs: { A: ['n', 6], B: [6, 8], C: [8] }, calls: 1 },
  {
    operator: 'Gemm',
    inputs: { A: [6, 5], B: [7, 6], C: [5, 1] },
    attributes: { transA: 1, transB: 1, alpha: 0.5, beta: 2 },
  },
  { operator: 'Gemm', inputs: { A: [4, 6], B: [6, 8] }, attributes: { alpha: 3 }, dtype: 'f16' },
  { operator: 'Sign', inputs: { input: [5, 9] }, draw: (normal) => Math.round(normal), calls: 1 },
  { operator: 'ArgMin', inputs: { data: ['n', 4, 5] }, attributes: { axis: 1, keepdims: 0 }, calls: 2 },
  { operator: 'TopK', inputs: { X: ['n', 9], K: known(4) }, calls: 1 },
  { operator: 'TopK', inputs: { X: ['n', 9], K: known(9) }, attributes: { largest: 0 }, calls: 3 },
  { operator: 'TopK', inputs: { X: [4, 7, 3], K: known(2) }, attributes: { axis: 1, largest: 0 } },
  {
    operator: 'Slice',
    inputs: { data: ['n', 4], starts: known(7), ends: known(9), axes: known(1) },
    calls: 0,
  },
  { operator: 'Dropout', inputs: { data: ['n', 5], training_mode: known(0) }, attributes: { ratio: 0.5 } },
  { operator: 'Tile', inputs: { input: ['n', 3, 4], repeats: known(2, 1, 3) } },
  { operator: 'DepthToSpace', inputs: { input: ['m', 8, 3, 2] }, attributes: { blocksize: 2 } },
  { operator: 'DepthToSpace', inputs: { input: [2, 18, 'n', 2] }, attributes: { blocksize: 3, mode: 'CRD' } },
  { operator: 'SpaceToDepth', inputs: { input: [2, 3, 4, 6] }, attributes: { blocksize: 2 }, dtype: 'f16' },
];

describe.skipIf(testProfile.compileOnly)('on the device and in f64', () => {
  test.each(cases)('$operator $inputs $attributes', expectMeaning);
});

test('axes that only a run knows, and blocks that do not fit, are refused', () => {
  const g = graphBuilder({ n: { min: 1, max: 4 } });
  const put =
    (operator: string, inputs: Readonly<Record<string, string>>, attributes = {}) =>
    () =>
      g.node(findOperator(operators, '', operator), inputs, attributes, 'node');
  const [x, axes] = [g.input('x', 'f32', ['n', 6, 4, 4]), g.input('axes', 'u32', [1])];
  expect(put('ReduceSum', { data: x, axes })).toThrow(
    "[node] the elements of 'axes' are not known; they decide shapes, so they must be known integers, or computed from sizes.",
  );
  expect(put('DepthToSpace', { input: x }, { blocksize: 2 })).toThrow(
    '[node] its blocks are 2 wide; the channels must be a multiple of the pixels of a block.',
  );
  expect(put('SpaceToDepth', { input: x }, { blocksize: 3 })).toThrow(
    '[node] its blocks are 3 wide; height and width must be multiples of that.',
  );
  expect(put('Dropout', { data: x, training_mode: g.integers('training', [1], [1]) })).toThrow(
    "[node] 'training_mode' is set; graphs here run models.",
  );
  expect(put('Pad', { data: x, pads: g.integers('pads', [2], [1, 1]) })).toThrow(
    '[node] it has 2 pads; there must be two for each of 4 axes.',
  );
  expect(
    put(
      'Range',
      Object.fromEntries(['start', 'limit', 'delta'].map((role) => [role, g.integers(role, [], [0])])),
    ),
  ).toThrow('[node] its step is 0; it must lead from the start to the limit.');
  expect(put('OneHot', { indices: axes, depth: g.integers('depth', [1], [3]), values: x })).toThrow(
    "[node] 'values' are not two; one stands at the index, the other elsewhere.",
  );
  expect(put('Tile', { input: x, repeats: g.integers('repeats', [2], [1, 2]) })).toThrow(
    '[node] it has 2 repeats; there must be one for each of 4 axes.',
  );
});
