import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import { vector } from '../../contract/tensor-access.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import { type RowParts, rowVariants, rowWidth, valueWgsl } from '../index.ts';
import { maximum } from '../max.ts';
import columnsWgsl from './columns.wgsl';
import rowsWgsl from './rows.wgsl';

const isWhole = ({ dtypes }: Problem): boolean => dtypes.x === 'i32' || dtypes.x === 'u32';

/** What becomes of an element, and what the sum (or the largest) is multiplied by. */
function operationParts(problem: Problem): {
  readonly wgsl: string;
  readonly constants: Record<string, number | boolean | { f32: number }>;
} {
  const { axes, options } = problem;
  const { operation } = options;
  const factor = operation === 'mean' ? 1 / axes.length! : operation === 'min' ? -1 : 1;
  const negates = operation === 'min' && !isWhole(problem);
  const value = operation === 'sum-of-squares' ? 'v * v' : negates ? '-v' : 'v';
  return {
    wgsl: `fn element(i: u32) -> Value { let v = x_load(i); return ${value}; }`,
    constants: { LARGEST: operation === 'max' || operation === 'min', FACTOR: { f32: factor } },
  };
}

function rowsProgram(problem: Problem, plan: Plan, row: RowParts): Program {
  const { wgsl, constants } = operationParts(problem);
  return assemble({
    kernel: reduce,
    problem,
    plan,
    requires: row.requires,
    constants: { ...row.constants, ...constants },
    views: { x: { width: row.width } },
    wgsl: [...row.wgsl, rowsWgsl, wgsl],
    dispatches: [{ entryPoint: 'main', workgroups: 'outer' }],
  });
}

function columnsProgram(problem: Problem, plan: Plan): Program {
  const { length, inner } = problem.axes as { length: number; inner: number };
  const { wgsl, constants } = operationParts(problem);
  const width = rowWidth(inner);
  const [across, down] = [Number(plan.across), Number(plan.down)];
  const blocks = Math.ceil(inner / width / across);
  return assemble({
    kernel: reduce,
    problem,
    plan,
    constants: {
      ...constants,
      PRODUCT: problem.options.operation === 'product',
      LENGTH: length,
      INNER_UNITS: inner / width,
      ACROSS: across,
      DOWN: down,
      BLOCKS: blocks,
      STEPS: Math.ceil(length / down),
      WORKGROUP: across * down,
    },
    views: { x: { width }, y: { width } },
    wgsl: isWhole(problem)
      ? [
          `alias Value = ${vector(problem.dtypes.x!, width)};
fn larger(a: Value, b: Value) -> Value { return ${problem.options.operation === 'min' ? 'min' : 'max'}(a, b); }
fn finished(v: Value) -> Value { return v; }`,
          columnsWgsl,
          wgsl,
        ]
      : [
          valueWgsl[width],
          largerWgsl(width),
          'fn finished(v: Value) -> Value { return v * FACTOR; }',
          columnsWgsl,
          wgsl,
        ],
    dispatches: [{ entryPoint: 'main', workgroups: times('outer', blocks) }],
  });
}

/** Sums of floats, or the largest, are what the lanes of a workgroup combine. */
const isPlain = (problem: Problem): boolean => problem.options.operation !== 'product' && !isWhole(problem);

const overRows = (variant: Variant): Variant => ({
  ...variant,
  supports: (problem) =>
    problem.axes.inner !== 1
      ? 'inner is above 1: another axis than the last is reduced'
      : isPlain(problem) || 'a product, or one of integers: workgroups add floats',
});

const overColumns: Variant = {
  name: 'columns',
  supports: (problem) =>
    problem.axes.inner! > 1 || !isPlain(problem) || 'inner is 1: the last axis is reduced',
  plans: ({ axes }, { software }) => {
    const units = axes.inner! / rowWidth(axes.inner!);
    const across = Math.min(32, 2 ** Math.ceil(Math.log2(units)));
    const most = software ? 1 : 128 / across;
    const down = Math.max(1, Math.min(most, 2 ** Math.floor(Math.log2(axes.length!))));
    return [{ across, down }];
  },
  program: columnsProgram,
};

/**
 * y = Σ x (or mean, max, min, Σ x², product) along one axis.
 *
 * Sum, mean, largest, smallest, sum of squares, or product along one axis.
 *
 * `x` is `[outer, length, inner]`, reduced along `length`; `y` is `[outer, inner]`: f32 of f32 or f16, else i32 or u32 as `x` is. With
 * `inner` 1 that is the last axis; with `outer` 1 it is over rows. Sums in f32; integers wrap around, and have no mean. NaN is the largest and
 * the smallest of its row.
 */
export const reduce: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'reduce',
  axes: { outer: 'dynamic', length: 'static', inner: 'static' },
  inputs: { x: { shape: ['outer', 'length', 'inner'], order: 'rows', rowAxes: 2 } },
  outputs: { y: { shape: ['outer', 'inner'] } },
  options: { operation: ['sum', 'mean', 'max', 'min', 'sum-of-squares', 'product'] },
  dtypes: ['f32', 'f16', 'u32', 'i32'],
  supports: (problem) => {
    const { x = 'f32', y = 'f32' } = problem.dtypes;
    if (y !== (isWhole(problem) ? x : 'f32'))
      return `x is ${x} and y ${y}: floats give f32, integers the same`;
    return !isWhole(problem) || problem.options.operation !== 'mean' || 'integers have no mean';
  },
  variants: [
    ...rowVariants({
      length: (problem) => problem.axes.length!,
      reduction: maximum,
      program: rowsProgram,
    }).map(overRows),
    overColumns,
  ],
});
