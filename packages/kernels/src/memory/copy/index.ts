import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import copyWgsl from './copy.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const columns = problem.axes.columns!;
  const width = columns % 4 === 0 ? 4 : columns % 2 === 0 ? 2 : 1;
  const units = columns / width;
  return assemble({
    kernel: copy,
    problem,
    plan,
    width,
    constants: { UNITS: units, WORKGROUP: workgroup },
    wgsl: [copyWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('rows', units), workgroup) }],
  });
}

/**
 * y = x, row-major, x in any order.
 *
 * A tensor in another order of memory: `x`, wherever `views.x` says that its elements lie, as the row-major `y`, both
 * `[rows, columns]`. What is said of `x` by rows of 1 may be any order of axes, with steps, repetitions and gaps.
 *
 * Both f32, f16, u32 or i32; f16 and f32 are converted into each other. NaN stays NaN; integers keep their bits where both
 * have the same type.
 */
export const copy: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'copy',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: { x: { shape: ['rows', 'columns'], order: 'rows' } },
  outputs: { y: { shape: ['rows', 'columns'], order: 'rows' } },
  dtypes: ['f32', 'f16', 'u32', 'i32'],
  variants: [{ name: 'baseline', program }],
});
