import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import elementwiseWgsl from '../elements.wgsl';
import { type ComputeReference, elementwiseFilling } from './filling.ts';

export { elementwiseFilling } from './filling.ts';
export type { ComputeReference, ElementwiseFillingInput } from './filling.ts';
export type { ElementwiseOperand, OperandDistance, StridedOperand } from '../operand.ts';

const referenceOf = (problem: Problem): ComputeReference =>
  problem.slots.compute!.reference as ComputeReference;

/** The tensor that receives the result. */
function resultOf(problem: Problem): { readonly name: string; readonly identifier: string } {
  const { inPlace } = referenceOf(problem);
  return inPlace === undefined
    ? { name: 'y', identifier: 'y' }
    : { name: `compute.${inPlace}`, identifier: `compute_${inPlace}` };
}

function program(problem: Problem, plan: Plan): Program {
  const { width } = referenceOf(problem);
  const { columns } = problem.axes as { columns: number };
  const workgroup = Number(plan.workgroup);
  const steps = Number(plan.steps);
  const type = width === 1 ? 'f32' : 'vec4<f32>';
  return assemble({
    kernel: elementwise,
    problem,
    plan,
    constants: { UNITS: columns / width, WORKGROUP: workgroup, STEPS: steps },
    views: { y: { width } },
    wgsl: [
      elementwiseWgsl,
      `fn result_store(i: u32, v: ${type}) { ${resultOf(problem).identifier}_store(i, v); }`,
    ],
    dispatches: [
      { entryPoint: 'main', workgroups: ceilDiv(times('rows', columns), width * workgroup * steps) },
    ],
  });
}

/**
 * y = formula(operands), element by element.
 *
 * One formula over `[rows, columns]`, generated: fill the slot `compute` with {@link elementwiseFilling}.
 *
 * `y` is `[rows, columns]`, f32 or f16, computed in f32. Without a filling it copies `compute.x`, which converts between
 * f32 and f16.
 */
export const elementwise: Kernel<never, 'y'> = /* @__PURE__ */ defineKernel({
  name: 'elementwise',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: {},
  outputs: { y: { shape: ['rows', 'columns'], order: 'rows' } },
  slots: {
    // The formula; `unit` counts columns, or four neighbouring ones.
    compute: { default: /* @__PURE__ */ elementwiseFilling({ expression: 'x', columns: 1 }) },
  },
  dtypes: ['f32', 'f16'],
  validate: (problem) => {
    const { width } = referenceOf(problem);
    const { columns } = problem.axes as { columns: number };
    if (columns % width !== 0)
      throw new TilewrightError('bad-argument', {
        subject: 'elementwise',
        problem: `the filling of 'compute' takes ${width} columns at a time and there are ${columns}`,
        requirement: 'the filling must be made for the same columns',
        fix: `call elementwiseFilling with columns: ${columns}`,
      });
  },
  variants: [
    {
      name: 'baseline',
      plans: (_, { software }) => {
        const plans = [
          { workgroup: 64, steps: 1 },
          { workgroup: 64, steps: 8 },
        ];
        return software ? plans.reverse() : plans;
      },
      program,
    },
  ],
});
