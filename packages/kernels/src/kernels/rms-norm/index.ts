import { assemble } from '../../core/assemble.ts';
import type { Feature } from '../../core/capabilities.ts';
import type { Plan, Problem, Program, Variant } from '../../core/contract.ts';
import { defineKernel, type Kernel } from '../../core/define-kernel.ts';
import baselineWgsl from './rms-norm.wgsl';
import subgroupsWgsl from './rms-norm.subgroups.wgsl';
import rowWgsl from './row.wgsl';

const bytesOf = (problem: Problem, name: string): number => (problem.dtypes[name] === 'f16' ? 2 : 4);

/** What multiplies a unit of the normalised row. */
const gains = {
  true: (type: string) => `fn gain(unit: u32) -> ${type} { return weight_load(unit); }`,
  false: (type: string) => `fn gain(unit: u32) -> ${type} { return ${type}(1.0); }`,
};

const sumOfSquares = {
  1: 'fn sum_of_squares(v: f32) -> f32 { return v * v; }',
  4: 'fn sum_of_squares(v: vec4<f32>) -> f32 { return dot(v, v); }',
};

function variant(name: string, wgsl: string, requires: readonly Feature[]): Variant {
  return {
    name,
    requires,
    supports: (problem, { features }) =>
      problem.axes.hidden! % 4 === 0 || problem.dtypes.y !== 'f16' || features.has('shader-f16')
        ? true
        : `rows of ${problem.axes.hidden} f16 elements share words; needs shader-f16, or hidden a multiple of 4`,
    plans: (problem, { limits }) => {
      const units = problem.axes.hidden! % 4 === 0 ? problem.axes.hidden! / 4 : problem.axes.hidden!;
      const largest = Math.min(256, limits.maxComputeInvocationsPerWorkgroup);
      const wanted = 2 ** Math.ceil(Math.log2(units));
      return [{ variant: name, workgroup: Math.max(32, Math.min(largest, wanted)) }];
    },
    program: (problem, plan) => program(problem, plan, wgsl, requires),
  };
}

function program(problem: Problem, plan: Plan, wgsl: string, requires: readonly Feature[]): Program {
  const hidden = problem.axes.hidden!;
  const workgroup = Number(plan.workgroup);
  const width = hidden % 4 === 0 ? 4 : 1;
  const scalarHalves = width === 1 && problem.dtypes.y === 'f16';
  return assemble({
    kernel: rmsNorm,
    problem,
    plan,
    requires: scalarHalves ? [...requires, 'shader-f16'] : requires,
    constants: {
      HIDDEN: hidden,
      UNITS: hidden / width,
      STEPS: Math.ceil(hidden / width / workgroup),
      WORKGROUP: workgroup,
      LEVELS: Math.log2(workgroup),
      MAX_SUBGROUPS: Math.ceil(workgroup / 4),
      EPS: { f32: problem.scalars.eps! },
    },
    views: { x: { width }, weight: { width }, y: { width } },
    wgsl: [wgsl, rowWgsl, sumOfSquares[width], gains[`${problem.options.gain === true}`](width === 4 ? 'vec4<f32>' : 'f32')],
    dispatches: [{ entryPoint: 'main', workgroups: 'rows' }],
  });
}

/**
 * Root mean square normalisation of each row (Zhang and Sennrich 2019, arXiv 1910.07467).
 *
 * `x` and `y` are `[rows, hidden]`, `weight` is `[hidden]`; each f32 or f16, statistics in f32. `eps` (default 1e-5) is
 * added to the mean square. Without the option `gain` there is no `weight`: a gain of one.
 */
export const rmsNorm: Kernel<'x' | 'weight', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'rms-norm',
  summary: 'y = x / sqrt(mean(x²) + eps) · weight, per row',
  axes: { rows: 'dynamic', hidden: 'static' },
  inputs: { x: ['rows', 'hidden'], weight: { shape: ['hidden'], when: ['gain', true] } },
  outputs: { y: ['rows', 'hidden'] },
  scalars: { eps: 1e-5 },
  options: { gain: [true, false] },
  dtypes: ['f32', 'f16'],
  cost: (problem) => {
    const { rows, hidden } = problem.axes as { rows: number; hidden: number };
    return {
      bytes:
        rows * hidden * (bytesOf(problem, 'x') + bytesOf(problem, 'y')) +
        (problem.options.gain ? hidden * bytesOf(problem, 'weight') : 0),
      flops: 4 * rows * hidden,
    };
  },
  variants: [
    variant('subgroups', subgroupsWgsl, ['subgroups', 'subgroup_id']),
    variant('baseline', baselineWgsl, []),
  ],
});
