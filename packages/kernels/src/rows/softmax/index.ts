import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { type RowParts, rowVariants, rowWidth, valueWgsl } from '../index.ts';
import { maximum } from '../max.ts';
import { powersWgsl } from '../powers.ts';
import { splitRows, splitsOf } from '../splits.ts';
import linesWgsl from './softmax.lines.wgsl';
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
    wgsl: [...row.wgsl, ...powersWgsl(row.width), splits === 1 ? softmaxWgsl : splitWgsl],
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

const lineWorkgroup = 64;

/** An invocation for each unit of neighbouring lines, which lie `inner` elements apart along the axis. */
function lines(problem: Problem, plan: Plan): Program {
  const { columns, inner } = problem.axes as { columns: number; inner: number };
  const width = rowWidth(inner);
  const units = inner / width;
  return assemble({
    kernel: softmax,
    problem,
    plan,
    constants: {
      LENGTH: columns,
      UNITS: units,
      WORKGROUP: lineWorkgroup,
      SCALE: { f32: problem.scalars.scale! },
      LOG: problem.options.log === true,
    },
    views: { x: { width }, y: { width } },
    wgsl: [linesWgsl, valueWgsl[width], ...powersWgsl(width)],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('rows', units), lineWorkgroup) }],
  });
}

const isLast = ({ options }: Problem): boolean => options.along === 'last';

/**
 * y = exp(scale · x - max) / Σ exp(scale · x - max), along an axis; or its logarithm.
 *
 * Softmax along the last axis, or with `along: 'middle'` along the one before it; or its logarithm (`log: true`).
 *
 * `x` and `y` are `[rows, columns]`, or `[rows, columns, inner]` where the middle axis `columns` is meant; each f32 or f16; powers and
 * sums in f32. `scale` (default 1) multiplies `x` first.
 */
export const softmax: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'softmax',
  axes: { rows: 'dynamic', columns: 'static', inner: 'static' },
  axesWhen: { inner: ['along', 'middle'] },
  inputs: {
    x: {
      shape: ['rows', 'columns'],
      shapeWhen: ['along', 'middle', ['rows', 'columns', 'inner']],
      order: 'rows',
    },
  },
  outputs: {
    y: {
      shape: ['rows', 'columns'],
      shapeWhen: ['along', 'middle', ['rows', 'columns', 'inner']],
      order: 'rows',
    },
  },
  scalars: { scale: 1 },
  options: { log: [false, true], along: ['last', 'middle'] },
  dtypes: ['f32', 'f16'],
  variants: [
    .../* @__PURE__ */ splitRows(
      /* @__PURE__ */ rowVariants({
        length: (problem) => problem.axes.columns!,
        slots: 2,
        reduction: maximum,
        supports: (problem) => isLast(problem) || 'made for rows that lie together',
        program,
      }),
      ({ axes }, capabilities) => splitsOf(axes.rows!, axes.columns!, 8192, capabilities),
    ),
    {
      name: 'lines',
      supports: (problem) => !isLast(problem) || 'made for an axis that is not the last',
      program: lines,
    },
  ],
});
