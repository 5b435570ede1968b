import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import { type RowParts, rowVariants } from '../index.ts';
import { maximum } from '../max.ts';
import { splitRows, splitsOf } from '../splits.ts';
import splitWgsl from './softmax.split.wgsl';
import softmaxWgsl from './softmax.wgsl';

function program(problem: Problem, plan: Plan, row: RowParts): Program {
  const splits = Number(plan.splits);
  const partUnits = Math.ceil(problem.axes.columns! / row.width / splits);
  return assemble({
    kernel: softmax,
    problem,
    plan,
    requires: row.requires,
    constants: {
      ...row.constants,
      SCALE: { f32: problem.scalars.scale! },
      LOG: problem.options.log === true,
      SPLITS: splits,
      PART_UNITS: partUnits,
      PART_STEPS: Math.ceil(partUnits / Number(plan.workgroup)),
    },
    views: { x: { width: row.width }, y: { width: row.width } },
    wgsl: [...row.wgsl, splits === 1 ? softmaxWgsl : splitWgsl],
    ...(splits === 1
      ? { dispatches: [{ entryPoint: 'main', workgroups: 'rows' }] }
      : {
          scratch: { parts: { sizeBytes: times('rows', 8 * splits), width: 2 as const } },
          dispatches: [
            { entryPoint: 'gather', workgroups: times('rows', splits), bindings: ['x', 'parts'] },
            { entryPoint: 'spread', workgroups: times('rows', splits), bindings: ['x', 'parts', 'y'] },
          ],
        }),
  });
}

/**
 * Softmax along the last axis, or its logarithm (`log: true`).
 *
 * `x` and `y` are `[rows, columns]`, each f32 or f16; powers and sums in f32. `scale` (default 1) multiplies `x` first.
 */
export const softmax: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'softmax',
  summary: 'y = exp(scale · x - max) / Σ exp(scale · x - max), per row; or its logarithm',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: { x: ['rows', 'columns'] },
  outputs: { y: ['rows', 'columns'] },
  scalars: { scale: 1 },
  options: { log: [false, true] },
  dtypes: ['f32', 'f16'],
  cost: ({ axes }, bytes) => ({ bytes, flops: 5 * axes.rows! * axes.columns! }),
  variants: /* @__PURE__ */ splitRows(
    /* @__PURE__ */ rowVariants({
      length: (problem) => problem.axes.columns!,
      slots: 2,
      reductions: [maximum],
      program,
    }),
    ({ axes }, capabilities) => splitsOf(axes.rows!, axes.columns!, 8192, capabilities),
  ),
});
