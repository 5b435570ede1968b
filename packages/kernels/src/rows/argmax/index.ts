import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { type RowParts, rowVariants } from '../index.ts';
import { maximum } from '../max.ts';
import { splitRows, splitsOf } from '../splits.ts';
import orderedWgsl from '../../numbers/ordered.wgsl';
import argmaxWgsl from './argmax.wgsl';
import linesWgsl from './argmax.lines.wgsl';
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

const isRowwise = ({ axes: { inner }, options }: Problem): boolean =>
  options.ties === 'first' && (options.along === 'last' || inner === 1);

/** Along any axis, and with either end of equals. */
const lines: Variant = {
  name: 'lines',
  supports: (problem) => !isRowwise(problem) || 'rows by themselves have variants of their own',
  program: (problem, plan) => {
    const { columns, inner = 1 } = problem.axes as { columns: number; inner?: number };
    return assemble({
      kernel: argmax,
      problem,
      plan,
      constants: { COLUMNS: columns, INNER: inner, LAST: problem.options.ties === 'last', WORKGROUP: 64 },
      wgsl: [linesWgsl, orderedWgsl],
      dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('rows', inner), 64) }],
    });
  },
};

/**
 * ids = index of the largest x, per row; the lowest among equals.
 *
 * Index of the largest element of each row.
 *
 * `x` is `[rows, columns]` f32 or f16; `ids` u32 `[rows]`, the lowest index among equals. NaN counts as larger than infinity:
 * a row with one gives the first. With `along: 'middle'` they are `[rows, columns, inner]` and `[rows, inner]`; with `ties: 'last'`
 * the highest index among equals, or the last NaN.
 */
export const argmax: Kernel<'x', 'ids'> = /* @__PURE__ */ defineKernel({
  name: 'argmax',
  axes: { rows: 'dynamic', columns: 'static', inner: 'static' },
  axesWhen: { inner: ['along', 'middle'] },
  inputs: {
    x: {
      shape: ['rows', 'columns'],
      order: 'rows',
      shapeWhen: ['along', 'middle', ['rows', 'columns', 'inner']],
    },
  },
  outputs: { ids: { shape: ['rows'], dtype: 'u32', shapeWhen: ['along', 'middle', ['rows', 'inner']] } },
  options: { along: ['last', 'middle'], ties: ['first', 'last'] },
  dtypes: ['f32', 'f16'],
  variants: [
    .../* @__PURE__ */ splitRows(
      /* @__PURE__ */ rowVariants({
        length: (problem) => problem.axes.columns!,
        slots: 2,
        reduction: maximum,
        supports: (problem) => isRowwise(problem) || 'it knows rows, and the lowest index among equals',
        program,
      }),
      ({ axes }, capabilities) => splitsOf(axes.rows!, axes.columns!, 8192, capabilities),
    ),
    lines,
  ],
});
