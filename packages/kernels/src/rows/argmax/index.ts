import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { type RowParts, rowVariants } from '../index.ts';
import { maximum } from '../max.ts';
import { splitRows, splitsOf } from '../splits.ts';
import argmaxWgsl from './argmax.wgsl';
import splitWgsl from './split.wgsl';
import wholeWgsl from './whole.wgsl';

function program(problem: Problem, plan: Plan, row: RowParts): Program {
  const splits = Number(plan.splits);
  const units = problem.axes.columns! / row.width;
  const partUnits = Math.ceil(units / splits);
  return assemble({
    kernel: argmax,
    problem,
    plan,
    requires: row.requires,
    constants: {
      ...row.constants,
      WIDTH: row.width,
      SPLITS: Math.ceil(units / partUnits),
      PART_UNITS: partUnits,
      PART_STEPS: Math.ceil(partUnits / Number(plan.workgroup)),
    },
    views: { x: { width: row.width } },
    wgsl: [...row.wgsl, argmaxWgsl, splits === 1 ? wholeWgsl : splitWgsl],
    ...(splits === 1
      ? { dispatches: [{ entryPoint: 'main', workgroups: 'rows' }] }
      : {
          scratch: {
            parts: { sizeBytes: times('rows', 8 * splits), dtype: 'u32' as const, width: 2 as const },
          },
          dispatches: [
            {
              entryPoint: 'main',
              workgroups: times('rows', Math.ceil(units / partUnits)),
              bindings: ['x', 'parts'],
            },
            { entryPoint: 'merge', workgroups: ceilDiv('rows', 64), bindings: ['parts', 'ids'] },
          ],
        }),
  });
}

/**
 * ids = index of the largest x, per row; the lowest among equals.
 *
 * Index of the largest element of each row.
 *
 * `x` is `[rows, columns]` f32 or f16; `ids` u32 `[rows]`, the lowest index among equals. NaN counts as larger than infinity:
 * a row with one gives the first.
 */
export const argmax: Kernel<'x', 'ids'> = /* @__PURE__ */ defineKernel({
  name: 'argmax',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: { x: { shape: ['rows', 'columns'], order: 'rows' } },
  outputs: { ids: { shape: ['rows'], dtype: 'u32' } },
  dtypes: ['f32', 'f16'],
  variants: /* @__PURE__ */ splitRows(
    /* @__PURE__ */ rowVariants({
      length: (problem) => problem.axes.columns!,
      slots: 2,
      reduction: maximum,
      program,
    }),
    ({ axes }, capabilities) => splitsOf(axes.rows!, axes.columns!, 8192, capabilities),
  ),
});
