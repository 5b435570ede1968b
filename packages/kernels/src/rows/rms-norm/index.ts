import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { type RowParts, rowVariants } from '../index.ts';
import rmsNormWgsl from './rms-norm.wgsl';

const program = (problem: Problem, plan: Plan, row: RowParts): Program =>
  assemble({
    kernel: rmsNorm,
    problem,
    plan,
    ...row,
    constants: { ...row.constants, EPS: { f32: problem.scalars.eps! } },
    wgsl: [
      ...row.wgsl,
      rmsNormWgsl,
      `fn gain(unit: u32) -> Value { return ${problem.options.gain ? 'weight_load(unit)' : 'Value(1.0)'}; }`,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: 'rows' }],
  });

/**
 * y = x / sqrt(mean(x²) + eps) · weight, per row.
 *
 * Root mean square normalisation of each row (Zhang and Sennrich 2019, arXiv 1910.07467).
 *
 * `x` and `y` are `[rows, hidden]`, `weight` is `[hidden]`; each f32 or f16, statistics in f32. `eps` (default 1e-5) is
 * added to the mean square. Without the option `gain` there is no `weight`: a gain of one.
 */
export const rmsNorm: Kernel<'x' | 'weight', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'rms-norm',
  axes: { rows: 'dynamic', hidden: 'static' },
  inputs: {
    x: { shape: ['rows', 'hidden'], order: 'rows' },
    weight: { shape: ['hidden'], when: ['gain', true] },
  },
  outputs: { y: { shape: ['rows', 'hidden'], order: 'rows' } },
  scalars: { eps: 1e-5 },
  options: { gain: [true, false] },
  dtypes: ['f32', 'f16'],
  variants: /* @__PURE__ */ rowVariants({
    length: (problem) => problem.axes.hidden!,
    program,
  }),
});
