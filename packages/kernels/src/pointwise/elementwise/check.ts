import { storageBytes } from '../../contract/storage-type.ts';
import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import type { Expression } from '../../numbers/expression.ts';
import type { ExpressionOperation } from '../../numbers/expression-operations.ts';
import {
  type ComputeReference,
  elementwise,
  elementwiseFilling,
  type ElementwiseFillingInput,
} from './index.ts';
import { elementwiseReference } from './reference.ts';

function formula(
  name: string,
  rows: number,
  input: ElementwiseFillingInput,
  more: Partial<CheckCase> = {},
): CheckCase & { readonly name: string } {
  return {
    name,
    axes: { rows, columns: input.columns },
    slots: { compute: elementwiseFilling(input) },
    ...more,
  };
}

const activations: readonly ExpressionOperation[] = [
  'tanh',
  'sigmoid',
  'erf',
  'softplus',
  'silu',
  'gelu',
  'gelu-tanh',
  'relu2',
];
const sumOf = (operations: readonly ExpressionOperation[], operand: string): Expression =>
  operations.map((operation): Expression => [operation, operand]).reduce((sum, each) => ['add', sum, each]);
const swiGlu: Expression = ['mul', ['silu', 'gate'], 'up'];
const halves = (width: number): ElementwiseFillingInput => ({
  expression: swiGlu,
  columns: width,
  operands: {
    gate: { shape: ['rows', 2 * width], strides: [2 * width, 1] },
    up: { shape: ['rows', 2 * width], strides: [2 * width, 1], offset: width },
  },
});

function countOperations(formula: Expression): number {
  if (typeof formula !== 'object') return 0;
  const [, ...rest] = formula;
  return rest.reduce((sum: number, part) => sum + countOperations(part), 1);
}

export const check: KernelCheck = {
  kernel: elementwise,
  reference: elementwiseReference,
  cost: (problem) => {
    const { expression, bindings, inPlace } = problem.slots.compute!.reference as ComputeReference;
    const { rows, columns } = problem.axes as { rows: number; columns: number };
    const sizes: Readonly<Record<string, number>> = { rows, columns };
    const names = Object.keys(problem.slots.compute!.bindings ?? {});
    const bytesOf = (name: string): number => storageBytes(problem.dtypes[name]);
    const read = bindings.reduce((sum, { shape }, i) => {
      const elements = shape.reduce<number>(
        (product, axis) => product * (typeof axis === 'number' ? axis : sizes[axis]!),
        1,
      );
      return sum + Math.min(elements, rows * columns) * bytesOf(`compute.${names[i]}`);
    }, 0);
    return {
      bytes: read + rows * columns * bytesOf(inPlace === undefined ? 'y' : `compute.${inPlace}`),
      flops: countOperations(expression) * rows * columns,
    };
  },
  cases: [
    { name: 'copy', axes: { rows: 1, columns: 1 } },
    formula('activations', 3, { expression: sumOf(activations, 'x'), columns: 67 }),
    formula(
      'activations far out',
      4,
      { expression: sumOf(activations.slice(0, 4), 'x'), columns: 256 },
      { scale: { 'compute.x': 1e4 } },
    ),
    formula(
      'gated far out',
      4,
      { expression: ['add', ['silu', 'x'], ['add', ['gelu', 'x'], ['gelu-tanh', 'x']]], columns: 256 },
      { scale: { 'compute.x': 8e3 } },
    ),
    formula('arithmetic', 5, {
      expression: [
        'select',
        ['less', 'a', 'b'],
        ['div', 'a', ['add', 1, ['square', 'b']]],
        ['min', ['max', 'a', 'b'], ['neg', ['abs', 'b']]],
      ],
      columns: 12,
    }),
    formula('comparisons', 3, {
      expression: [
        'add',
        ['select', ['less-equal', 'a', 'b'], ['log', ['add', 1, ['abs', 'a']]], ['floor', 'b']],
        ['equal', ['floor', 'a'], ['floor', 'b']],
      ],
      columns: 33,
    }),
    formula(
      'f16 operands',
      7,
      {
        expression: ['add', ['mul', 'x', 'gain'], 'bias'],
        columns: 20,
        operands: { gain: 'row', bias: 'column' },
      },
      { dtypes: { 'compute.x': 'f16', 'compute.gain': 'f16', 'compute.bias': 'f16' } },
    ),
    formula(
      'f16 in place',
      3,
      { expression: ['add', 'x', 'z'], columns: 8, inPlace: 'x' },
      { dtypes: { 'compute.x': 'f16' } },
    ),
    formula('roots', 2, {
      expression: [
        'add',
        ['rsqrt', ['add', 1, ['abs', 'x']]],
        ['pow', ['sqrt', ['exp', ['clamp', 'x', -2, 2]]], ['reciprocal', 3]],
      ],
      columns: 65,
    }),
    formula(
      'row, column, scalar, uniform',
      7,
      {
        expression: ['add', ['mul', 'x', 'gain'], ['mul', 'alpha', ['add', 'bias', 'shift']]],
        columns: 20,
        operands: { gain: 'row', bias: 'column', shift: 'scalar', alpha: 'uniform' },
      },
      { uniforms: { compute_alpha: 0.75 } },
    ),
    formula('row, column in odd columns', 3, {
      expression: ['add', 'bias', ['mul', 'x', 'gain']],
      columns: 5,
      operands: { gain: 'row', bias: 'column' },
    }),
    formula('halves of one tensor', 5, halves(24)),
    formula('halves, unaligned', 3, halves(6)),
    // y[b, h, t, c] = x[b, t, h, c] + bias[h]: rows unfold to (b, h, t) = (2, 3, 5).
    formula('transposed axes', 30, {
      expression: ['add', 'x', 'bias'],
      columns: 8,
      operands: {
        x: { shape: [2, 5, 3, 8], sizes: [3, 5], strides: [120, 8, 24, 1] },
        bias: { shape: [3], sizes: [3, 5], strides: [0, 1, 0, 0] },
      },
    }),
    // The same where only a run knows how many tokens there are, and the bias is [3, 5].
    formula(
      'transposed axes of a run',
      30,
      {
        expression: ['add', 'x', 'bias'],
        columns: 8,
        operands: {
          x: {
            shape: [2, 5, 3, 8],
            sizes: [3, { uniform: 'tokens', multipleOf: 1 }],
            strides: [{ uniform: 'batch', multipleOf: 24 }, 8, 24, 1],
          },
          bias: {
            shape: [3, 5],
            sizes: [3, { uniform: 'tokens', multipleOf: 1 }],
            strides: [0, { uniform: 'row', multipleOf: 1 }, 1, 0],
          },
        },
      },
      {
        uniforms: {
          compute_x_tokens: 5,
          compute_x_batch: 120,
          compute_bias_tokens: 5,
          compute_bias_row: 5,
        },
      },
    ),
    formula('transposed matrix', 6, {
      expression: 'x',
      columns: 12,
      operands: { x: { shape: [12, 6], strides: [1, 6] } },
    }),
    formula('in place', 9, { expression: ['add', 'x', ['mul', 'x', 'z']], columns: 36, inPlace: 'x' }),
    formula(
      'f16 in place, odd columns',
      3,
      { expression: ['add', 'x', 'z'], columns: 7, inPlace: 'x' },
      { dtypes: { 'compute.x': 'f16' } },
    ),
    formula('many workgroups', 70_001, { expression: ['neg', 'x'], columns: 1 }),
    formula(
      'rows apart',
      5,
      { expression: ['add', 'x', 1], columns: 12 },
      { views: { y: rowView({ stride: 15, offset: { multipleOf: 1 } }) }, uniforms: { y_offset: 7 } },
    ),
    // x[a, b, c] of [3, 4, 8] lies as [b, a, c] where c has 10 places; z[a, b, c] is the same for each a, and c is outermost.
    formula(
      'operands in other orders',
      12,
      { expression: ['sub', 'x', 'z'], columns: 8 },
      {
        views: {
          'compute.x': rowView({
            row: 8,
            stride: 10,
            offset: 2,
            inner: [{ size: 4, stride: { multipleOf: 2 } }],
          }),
          'compute.z': rowView({
            row: 1,
            stride: 0,
            offset: 0,
            inner: [
              { size: { multipleOf: 1 }, stride: 1 },
              { size: 8, stride: 5 },
            ],
          }),
        },
        uniforms: { compute_x_stride_0: 30, compute_z_size_0: 4 },
      },
    ),
  ],
  workloads: [
    { ...formula('swiglu decode', 1, halves(384)), model: 'shakespeare-1m', size: 'small' },
    { ...formula('swiglu prefill 512', 512, halves(8192)), model: 'Llama-3.2-1B', size: 'large' },
    {
      ...formula('residual 2048', 2048, { expression: ['add', 'x', 'residual'], columns: 4096 }),
      model: 'Llama-3.1-8B',
      size: 'large',
    },
  ],
  // exp of an argument clamped near ±2, or multiplied by what decays with it; erfc's fit is good to 3e-7.
  floor: () => 2 ** -20,
};
