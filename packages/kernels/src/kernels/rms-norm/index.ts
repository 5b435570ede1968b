import { assemble } from '../../core/assemble.ts';
import type { Plan, Problem, Program } from '../../core/contract.ts';
import { defineKernel, type Kernel } from '../../core/define-kernel.ts';
import { type RowParts, rowVariants } from '../../rows/index.ts';
import rmsNormWgsl from './rms-norm.wgsl';

const bytesOf = (problem: Problem, name: string): number => (problem.dtypes[name] === 'f16' ? 2 : 4);

function program(problem: Problem, plan: Plan, row: RowParts): Program {
  const { width } = row;
  const gain = problem.options.gain === true ? 'weight_load(unit)' : 'Value(1.0)';
  return assemble({
    kernel: rmsNorm,
    problem,
    plan,
    requires: row.requires,
    constants: { ...row.constants, EPS: { f32: problem.scalars.eps! } },
    views: { x: { width }, weight: { width }, y: { width } },
    wgsl: [...row.wgsl, rmsNormWgsl, `fn gain(unit: u32) -> Value { return ${gain}; }`],
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
  variants: /* @__PURE__ */ rowVariants({
    length: (problem) => problem.axes.hidden!,
    program,
  }),
});
